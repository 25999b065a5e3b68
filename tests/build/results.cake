// From what a suite left behind to a verdict. A suite never passes by leaving nothing.
using System.Text.RegularExpressions;
using System.Xml.Linq;

/// <summary>A case that failed or was skipped, with the reason.</summary>
public sealed record Remark(string Case, string Text);

/// <summary>How a suite's process ended.</summary>
public sealed record Ending(int ExitCode, bool HitLimit, TimeSpan Wall, string Log, string Trx);

/// <summary>What one suite adds to the sum.</summary>
public sealed record SuiteResult(Suite Suite, TimeSpan Wall, int Passed, IReadOnlyList<Remark> Failures, int Skipped, IReadOnlyList<Remark> Skips)
{
    /// <summary>The names of the cases that passed; none where only their number is known.</summary>
    public IReadOnlyList<string> PassedCases { get; init; } = Array.Empty<string>();

    /// <summary>The devices that cases said they ran on, by a line "device: NAME" of their output.</summary>
    public IReadOnlyList<string> Devices { get; init; } = Array.Empty<string>();

    /// <summary>A suite that could not be counted: one failed, under its own name.</summary>
    public static SuiteResult Lost(Suite suite, TimeSpan wall, string why) =>
        new(suite, wall, 0, new[] { new Remark(suite.Name, why) }, 0, Array.Empty<Remark>());

    /// <summary>A suite that this machine cannot run: one skipped, under its own name.</summary>
    public static SuiteResult NotHere(Suite suite, string why) =>
        new(suite, TimeSpan.Zero, 0, Array.Empty<Remark>(), 1, new[] { new Remark(suite.Name, why) });
}

public static class Verdict
{
    private static readonly Regex ClosingLine = new(@"^(\d+) passed, (\d+) failed, (\d+) skipped$", RegexOptions.Compiled);

    private static readonly Regex Device = new(@"^device: (.+?)\s*$", RegexOptions.Compiled | RegexOptions.Multiline);

    public static SuiteResult Of(Suite suite, Ending ending, bool filtered)
    {
        if (ending.HitLimit)
            return SuiteResult.Lost(suite, ending.Wall, $"ran past its limit of {suite.Limit} s and was killed; {LastWords(ending.Log)}");
        SuiteResult result;
        try
        {
            result = suite.HasTrx ? FromTrx(suite, ending) : FromClosingLine(suite, ending);
        }
        catch (Exception error) when (error is System.Xml.XmlException or IOException or FormatException)
        {
            return SuiteResult.Lost(suite, ending.Wall, $"ended with exit code {ending.ExitCode}, its results cannot be read: {error.Message}; {LastWords(ending.Log)}");
        }

        if (result is null)
            return SuiteResult.Lost(suite, ending.Wall, $"ended with exit code {ending.ExitCode} and left no results; {LastWords(ending.Log)}");
        if (result.Passed + result.Failures.Count + result.Skipped == 0 && !filtered)
            return SuiteResult.Lost(suite, ending.Wall, $"has no test cases (exit code {ending.ExitCode}; log: {ending.Log})");
        // xunit ends with 0, or with 1 where a case failed. Anything else happened outside the cases.
        var explained = ending.ExitCode == 0 || (ending.ExitCode == 1 && result.Failures.Count > 0);
        return explained ? result : result with
        {
            Failures = result.Failures.Append(new Remark(suite.Name, $"ended with exit code {ending.ExitCode}, which its results do not explain; {LastWords(ending.Log)}")).ToList(),
        };
    }

    private static SuiteResult FromTrx(Suite suite, Ending ending)
    {
        if (!System.IO.File.Exists(ending.Trx))
            return null;
        var document = XDocument.Load(ending.Trx);
        var space = document.Root.Name.Namespace;
        var passed = new List<string>();
        var devices = new SortedSet<string>(StringComparer.Ordinal);
        var failures = new List<Remark>();
        var skips = new List<Remark>();
        foreach (var row in document.Descendants(space + "UnitTestResult"))
        {
            var name = (string)row.Attribute("testName");
            var outcome = (string)row.Attribute("outcome");
            foreach (var text in row.Descendants(space + "TextMessages").Elements(space + "Message"))
                devices.UnionWith(Device.Matches(text.Value).Select(match => match.Groups[1].Value));
            if (outcome == "Passed")
                passed.Add(name);
            else if (outcome == "NotExecuted")
                skips.Add(new Remark(name, row.Descendants(space + "StdOut").FirstOrDefault()?.Value ?? "no reason given"));
            else
                failures.Add(new Remark(name, Message(row, space, outcome)));
        }

        return new SuiteResult(suite, ending.Wall, passed.Count, failures, skips.Count, skips) { PassedCases = passed, Devices = devices.ToList() };
    }

    private static string Message(XElement row, XNamespace space, string outcome)
    {
        var message = row.Descendants(space + "ErrorInfo").Elements(space + "Message").FirstOrDefault()?.Value ?? $"outcome {outcome}";
        var place = (row.Descendants(space + "StackTrace").FirstOrDefault()?.Value ?? "").Split('\n').FirstOrDefault(line => line.Contains(" in ", StringComparison.Ordinal));
        return place is null ? message : message + "\n" + place.Trim();
    }

    // Lines "failed: what" and "skipped: what" (or with spaces for the colon) say what the closing line counts.
    private static SuiteResult FromClosingLine(Suite suite, Ending ending)
    {
        if (!System.IO.File.Exists(ending.Log))
            return null;
        var lines = System.IO.File.ReadAllLines(ending.Log).Select(line => line.TrimEnd()).Where(line => line.Length > 0).ToList();
        var sum = ClosingLine.Match(lines.LastOrDefault() ?? "");
        if (!sum.Success)
            return null;
        var (passed, failed, skipped) = (int.Parse(sum.Groups[1].Value), int.Parse(sum.Groups[2].Value), int.Parse(sum.Groups[3].Value));
        var failures = Said(lines, "failed", failed, suite, ending);
        return new SuiteResult(suite, ending.Wall, passed, failures, skipped, Said(lines, "skipped", skipped, suite, ending));
    }

    private static List<Remark> Said(List<string> lines, string word, int count, Suite suite, Ending ending)
    {
        var said = lines.Select(line => Regex.Match(line, $@"^{word}(:|\s)\s*(.+)$", RegexOptions.IgnoreCase)).Where(match => match.Success).Select(match => match.Groups[2].Value).ToList();
        return Enumerable.Range(0, count).Select(i => new Remark(suite.Name, i < said.Count ? said[i] : $"see {ending.Log}")).ToList();
    }

    /// <summary>The cases that had started and not finished, by xunit's verbose lines; else the last line of the log.</summary>
    public static string LastWords(string log)
    {
        if (!System.IO.File.Exists(log))
            return "it left no log";
        var running = Running(System.IO.File.ReadLines(log), out _);
        if (running.Count > 0)
            return $"running then: {string.Join(", ", running.Take(4))} (log: {log})";
        var last = System.IO.File.ReadLines(log).LastOrDefault(line => line.Trim().Length > 0);
        return last is null ? "it printed nothing" : $"its last line: {last.Trim()} (log: {log})";
    }

    public static List<string> Running(IEnumerable<string> lines, out int finished)
    {
        const string Starting = " [STARTING]", Finished = " [FINISHED]";
        var running = new List<string>();
        finished = 0;
        foreach (var line in lines)
        {
            if (line.EndsWith(Starting, StringComparison.Ordinal))
            {
                running.Add(line[..^Starting.Length].Trim());
            }
            else if (line.IndexOf(Finished, StringComparison.Ordinal) is > 0 and var end)
            {
                running.Remove(line[..end].Trim());
                finished++;
            }
        }

        return running;
    }
}
