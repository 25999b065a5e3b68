using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using RdmaCollectives;
using RdmaCollectives.Fuzz;
using RdmaCollectives.Fuzz.Coverage;
using RdmaCollectives.Fuzz.Engine;
using RdmaCollectives.Fuzz.Parsers;
using RdmaCollectives.Schedules;
using RdmaCollectives.Tool;

FuzzArguments arguments;
try
{
    arguments = FuzzArguments.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine($"{e.Message}\n{FuzzArguments.Usage}");
    return 2;
}

// Coverage needs rewritten assemblies, and they must be so before they are loaded: in a copy of this program.
Assembly library = typeof(Communicator).Assembly;
Assembly schedules = typeof(ISchedule).Assembly;
Assembly tool = typeof(ToolException).Assembly;
if (arguments.Coverage && !File.Exists(Instrumenter.MapPath(library.Location)))
{
    using Process copy = Process.Start(RewrittenCopy.Make(), args);
    copy.WaitForExit();
    return copy.ExitCode;
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {arguments.Seed}, {arguments.Inputs} inputs per parser"));
Console.WriteLine("parser                        inputs    taken %  longest ms  most bytes  blocks ran  findings      s");
var rows = new List<object>();
int findings = 0;
foreach (Func<FuzzTarget> make in AllTargets.Makers)
{
    using FuzzTarget target = make();
    if (arguments.Parsers.Count > 0 && !arguments.Parsers.Contains(target.Name, StringComparer.Ordinal))
    {
        continue;
    }

    Assembly parsed = target is ScheduleTarget ? schedules : target is DumpTarget || target.Sources[0].StartsWith("RawPerf/", StringComparison.Ordinal) ? tool : library;
    CoverageMap? coverage = arguments.Coverage ? CoverageMap.Of(parsed, target.Sources) : null;
    var run = new FuzzRun(target, arguments.Seed, Corpus.Load(Corpus.Folder, target.Name), coverage);
    run.Run(arguments.Inputs, DateTime.UtcNow + TimeSpan.FromMinutes(arguments.Minutes));
    findings += run.Findings.Count;
    string blocks = coverage is null ? "-" : $"{coverage.Covered}/{coverage.Total}";
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{target.Name,-24}{run.Inputs,12}{100.0 * run.Accepted / Math.Max(1, run.Inputs),11:0.00}{run.Longest.TotalMilliseconds,12:0.0}{run.LargestAllocation,12}{blocks,12}{run.Findings.Count,10}{run.Elapsed.TotalSeconds,7:0}"));
    foreach (Finding finding in run.Findings)
    {
        Console.WriteLine($"  {finding.What}\n    input {finding.Number}: {Convert.ToHexStringLower(finding.Input.AsSpan(0, Math.Min(400, finding.Input.Length)))}");
    }

    if (arguments.Missed && coverage is not null)
    {
        Console.WriteLine("  not run: " + string.Join(", ", coverage.Missed(parsed).Select(static place => Path.GetFileName(place.Replace('|', ':'))).Distinct(StringComparer.Ordinal)));
    }

    if (arguments.Keep is { } folder)
    {
        foreach (byte[] input in run.Discoveries.Concat(run.Findings.Select(static finding => finding.Input)))
        {
            Corpus.Keep(folder, target.Name, input);
        }
    }

    rows.Add(new Dictionary<string, object?>(StringComparer.Ordinal)
    {
        ["parser"] = target.Name,
        ["inputs"] = run.Inputs,
        ["taken"] = run.Accepted,
        ["longestMs"] = Math.Round(run.Longest.TotalMilliseconds, 1),
        ["mostBytes"] = run.LargestAllocation,
        ["blocksRan"] = coverage?.Covered,
        ["blocks"] = coverage?.Total,
        ["seconds"] = Math.Round(run.Elapsed.TotalSeconds, 1),
        ["findings"] = run.Findings.Select(static finding => new { finding.What, input = Convert.ToHexStringLower(finding.Input) }),
    });
    if (arguments.Report is { } report)
    {
        File.WriteAllText(report, JsonSerializer.Serialize(new { seed = arguments.Seed, parsers = rows }, new JsonSerializerOptions { WriteIndented = true }));
    }
}

Console.WriteLine($"{findings} findings");
return findings == 0 ? 0 : 1;
