// What the user sees of a test run: live, then everything that failed or was skipped, then the sum.

public sealed class Report
{
    private const int QuietSeconds = 15, MessageLines = 8, MaximumFailures = 40;
    private readonly Output output;
    private readonly TestPlan plan;
    private readonly List<SuiteResult> results = new();
    private readonly Dictionary<string, double> spent = new();
    private readonly string root = System.IO.Directory.GetCurrentDirectory() + "/";

    public Report(Output output, TestPlan plan) => (this.output, this.plan) = (output, plan);

    public int Failed => buildFailed + results.Sum(result => result.Failures.Count);

    private int buildFailed;

    public void Built(TimeSpan wall)
    {
        spent["build"] = wall.TotalSeconds;
        output.WriteLine($"Built in {wall.TotalSeconds:F0} s.");
    }

    public void NotBuilt(TimeSpan wall)
    {
        buildFailed = 1;
        output.WriteLine($"The build failed after {wall.TotalSeconds:F0} s, so no suite ran; the errors are on stderr.");
    }

    public void Starting(Suite suite) => output.WriteLine($"{suite.Name} ...");

    public void Starting(IReadOnlyList<Suite> suites) =>
        output.WriteLine($"Soft-RoCE machine, {suites[0].Hosts} host(s) with {suites[0].Rails} device(s): {string.Join(", ", suites.Select(suite => suite.Name))} ...");

    /// <summary>Says every now and then what a long suite is doing.</summary>
    public void Pulse(string log, TimeSpan passed)
    {
        if ((int)passed.TotalSeconds % QuietSeconds != 0 || !System.IO.File.Exists(log))
            return;
        var lines = System.IO.File.ReadAllLines(log);
        var running = Verdict.Running(lines, out var finished);
        var now = running.Count > 0 ? running[^1] : lines.LastOrDefault(line => line.Trim().Length > 0)?.Trim();
        output.WriteLine($"    {passed.TotalSeconds:F0} s{(finished > 0 ? $", {finished} cases" : "")}{(now is null ? "" : $", now {now}")}");
    }

    /// <summary>Time that a machine took beside its suites.</summary>
    public void Overhead(Suite suite, TimeSpan wall) => spent[suite.Budget] = spent.GetValueOrDefault(suite.Budget) + wall.TotalSeconds;

    public void Add(SuiteResult result)
    {
        results.Add(result);
        var budget = result.Suite.Budget;
        Overhead(result.Suite, result.Wall);
        output.WriteLine($"  {result.Suite.Name} ({Where(result.Suite)}): {result.Passed} passed, {result.Failures.Count} failed, {result.Skipped} skipped"
            + $" in {result.Wall.TotalSeconds:F1} s; '{budget}' has used {spent[budget]:F0} of {plan.Budgets[budget]} s");
        if (result.Suite.OnSoftRoce)
            List(result);
        foreach (var failure in result.Failures.Take(MaximumFailures))
            output.WriteLine($"    FAILED {failure.Case}\n{Indented(failure.Text)}");
        if (result.Failures.Count > MaximumFailures)
            output.WriteLine($"    and {result.Failures.Count - MaximumFailures} more: see artifacts/tests");
        // The rows of one theory that were skipped for one reason are one line.
        foreach (var rows in result.Skips.GroupBy(skip => (Method: skip.Case.Split('(')[0], skip.Text)))
            output.WriteLine($"    SKIPPED {rows.Key.Method}{(rows.Count() > 1 ? $" ({rows.Count()} cases)" : "")}: {OneLine(rows.Key.Text)}");
    }

    // What ran on real devices, and on which: nobody should have to take it on trust.
    private void List(SuiteResult result)
    {
        foreach (var device in result.Devices)
            output.WriteLine($"    on {device}");
        foreach (var rows in result.PassedCases.GroupBy(name => name.Split('(')[0]))
            output.WriteLine($"    passed {rows.Key.Replace(result.Suite.Project + ".", "")}{(rows.Count() > 1 ? $" ({rows.Count()} cases)" : "")}");
    }

    public void Close()
    {
        output.WriteLine();
        foreach (var (budget, seconds) in spent.Where(pair => pair.Value > plan.Budgets[pair.Key]))
            output.WriteLine($"Over budget: '{budget}' took {seconds:F0} s of {plan.Budgets[budget]} s.");
        foreach (var result in results.Where(result => result.Failures.Count > 0))
        {
            output.WriteLine($"Failed: {result.Suite.Name} ({Where(result.Suite)}), {result.Failures.Count}:");
            foreach (var failure in result.Failures.DistinctBy(failure => failure.Case).Take(5))
                output.WriteLine($"    {failure.Case}\n{Indented(failure.Text)}"); // again: of a long log often only the end is kept
        }
        if (results.Count > 0 && results.All(result => result.Passed + result.Failures.Count + result.Skipped == 0))
            output.WriteLine("The filter matched no case.");
        output.WriteLine($"{results.Sum(result => result.Passed)} passed, {Failed} failed, {results.Sum(result => result.Skipped)} skipped");
    }

    private static string Where(Suite suite) => suite.OnSoftRoce ? $"Soft-RoCE, {suite.Hosts}x{suite.Rails}" : "host";

    private string Indented(string text)
    {
        var lines = text.Replace(root, "").Split('\n');
        var shown = lines.Length <= MessageLines ? lines : lines.Take(MessageLines - 1).Append(lines[^1]);
        return string.Join('\n', shown.Select(line => "      " + line.TrimEnd()));
    }

    private static string OneLine(string text) => text.Trim().Replace("\n", " / ");
}
