using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RdmaCollectives.Testing;

const string Usage =
    """
    RdmaCollectives.Chaos chaos|soak [options]
      chaos   kills, pauses, aborts and cancels ranks in the middle of random calls
        --rounds N        per transport (100)
        --transports A,B  shm,tcp (each on its own), or verbs on a Soft-RoCE machine
        --events A,B      Kill, PauseThenKill, Abort, Cancel (Kill)
        --delay MS        the latest moment after the first calls (300)
      soak    random calls, groups, splits and cancels for a long time
        --minutes N       (60)
        --transport T     (shm,tcp: both in one group)
        --dumps DIR       where ranks leave dumps of their flight recorders
      both: --ranks N (4), --seed N (1), --report FILE (JSON)
    """;
var options = new Dictionary<string, string>(StringComparer.Ordinal);
for (int i = 1; i < args.Length; i += 2)
{
    if (!args[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == args.Length)
    {
        Console.Error.WriteLine($"'{args[i]}' is not known or has no value.\n{Usage}");
        return 2;
    }

    options[args[i][2..]] = args[i + 1];
}

int ranks = Number("ranks", 4);
int seed = Number("seed", 1);
Console.WriteLine($"seed {seed}");
switch (args is [] ? "" : args[0])
{
    case "chaos":
        return Chaos();
    case "soak":
        return Soak();
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}

int Chaos()
{
    ChaosEvent[] events = [.. Text("events", "Kill").Split(',').Select(Enum.Parse<ChaosEvent>)];
    var reports = new List<ChaosReport>();
    foreach (string transport in Text("transports", "shm,tcp").Split(','))
    {
        var random = new Random(seed);
        var report = new ChaosReport(transport, TimeSpan.FromSeconds(transport == "verbs" ? 5 : 2));
        reports.Add(report);
        var clock = Stopwatch.StartNew();
        for (int number = 0; number < Number("rounds", 100) && report.Complaints.Count < 10; number++)
        {
            ChaosRound round = ChaosRound.Draw(random, number, ranks, events);
            using (WorkerGroup group = WorkerGroup.Start(transport, ranks, rank => transport == "verbs" ? [("RDMACC_HOST_ID", $"host{rank + 1}"), ("RDMACC_DEVICE", $"rxe{rank + 1}r0")] : []))
            {
                round.Run(group, TimeSpan.FromMilliseconds(Number("delay", 300)));
            }

            report.Add(round);
            round.Complaints.ForEach(Console.WriteLine);
            if (number % 50 == 49)
            {
                Console.WriteLine($"{report} ({clock.Elapsed.TotalSeconds:0} s)");
                Save(reports);
            }
        }

        Console.WriteLine($"{report} ({clock.Elapsed.TotalSeconds:0} s)");
        Console.WriteLine("  ms: " + string.Join(", ", report.Histogram().Select(bin => $"{(bin.UpTo == int.MaxValue ? "more" : $"<= {bin.UpTo}")}: {bin.Count}")));
        report.Complaints.ForEach(complaint => Console.WriteLine($"  {complaint}"));
        Save(reports);
    }

    return reports.TrueForAll(report => report.IsFine) ? 0 : 1;
}

void Save(List<ChaosReport> reports) => Write(reports.Select(report => new
{
    report.Transport,
    report.Rounds,
    report.Kills,
    report.Calls,
    report.Hangs,
    report.Shrinks,
    report.Late,
    complaints = report.Complaints,
    medianMs = report.Milliseconds(0.5),
    p99Ms = report.Milliseconds(0.99),
    mostMs = report.Milliseconds(1),
    histogram = report.Histogram().Select(bin => new { upToMs = bin.UpTo, survivors = bin.Count }),
}));

int Soak()
{
    var run = new SoakRun(ranks, Text("transport", "shm,tcp"), seed, options.GetValueOrDefault("dumps"));
    TimeSpan time = TimeSpan.FromMinutes(double.Parse(Text("minutes", "60"), CultureInfo.InvariantCulture));
    TimeSpan interval = time < TimeSpan.FromMinutes(12) ? time / 12 : TimeSpan.FromMinutes(1);
    run.Run(time, interval, Console.WriteLine);
    string[] growth = [.. run.Growth()];
    foreach (string complaint in run.Complaints.Concat(growth))
    {
        Console.WriteLine(complaint);
    }

    Console.WriteLine($"{run.Calls} calls per rank, {run.Complaints.Count} errors, {growth.Length} measures that grew");
    Write(new { seed, run.Calls, errors = run.Complaints, growth, samples = run.Samples });
    return run.Complaints.Count + growth.Length == 0 ? 0 : 1;
}

string Text(string name, string otherwise) => options.GetValueOrDefault(name, otherwise);

int Number(string name, int otherwise) => int.Parse(Text(name, $"{otherwise}"), CultureInfo.InvariantCulture);

void Write(object report)
{
    if (options.GetValueOrDefault("report") is { } path)
    {
        File.WriteAllText(path, JsonSerializer.Serialize(report, new JsonSerializerOptions { WriteIndented = true }));
    }
}
