namespace RdmaCollectives.Peers;

/// <summary>Measures the parts of the pages and writes each as soon as it is there.</summary>
internal sealed class Report(Settings settings, bool dryRun)
{
    /// <summary>What users of the peers may expect of us at least: half their time where each rank has a processor, and no more than theirs where ranks share them.</summary>
    private const double Target = 0.5, TargetOversubscribed = 1.0;

    private readonly Contenders _contenders = new(settings);
    private readonly PeerList _peers = new(settings);
    private readonly string _began = $"Measured on {DateTime.UtcNow:yyyy-MM-dd}.";

    public void Peers()
    {
        RunPlan plan = RunPlan.Make(settings, _peers.For, OursAndRoof);
        Console.Error.WriteLine(plan);
        var runner = new Runner(settings) { Runs = plan.Runs };
        foreach (IGrouping<string, Case> transport in plan.Cases.GroupBy(one => one.Transport, StringComparer.Ordinal))
        {
            string[] machine = [.. MachineTable()];
            int failures = runner.Failures.Count;
            Result[] results = [.. transport.Select(one => runner.Run(one, _peers.For(one), OursAndRoof(one)))];
            string picture = RatioPlot.Draw(results, $"{TitleOf(transport.Key)}: time by that of the best peer", $"float32; medians of {Text.Count(settings.Rounds, "round")} with their 95% intervals; below 1 ours is faster. {_began}");
            WritePicture(transport.Key, picture);
            Put(settings.Page, transport.Key, [.. machine, "", .. Summary(transport.Key, results)]);
            Put(settings.PeersPage, transport.Key, [.. machine, "", .. Details(results), .. Repeated([.. runner.Failures.Skip(failures)])]);
        }
    }

    public void Runtime()
    {
        string[] machine = [.. MachineTable()];
        Comparison comparison = new Runner(settings).Compare(Settings.RuntimeCase, _contenders.RuntimeSettings());
        Put(settings.Page, "runtime", [.. machine, "", $"{Text.Count(settings.Rounds, "round")}, {Text.Count(settings.Calls, "timed call")} a size in each, ordinary arrays.", "", .. Tables.ByContender(comparison), .. Tables.Commands(comparison.Contenders)]);
    }

    public void SoftRoce()
    {
        string[] machine = [.. MachineTable()];
        if (new SoftRoce(settings).Run() is { } lines)
        {
            Put(settings.Page, "softroce", [.. machine, "", .. lines]);
        }
    }

    private static string TitleOf(string transport) => transport == Case.SharedMemory ? "Shared memory" : "TCP on loopback";

    private IReadOnlyList<Contender> OursAndRoof(Case one) => [.. _contenders.Ours(one), .. _contenders.Roof(one)];

    private IEnumerable<string> Summary(string transport, IReadOnlyList<Result> results)
    {
        yield return $"{Text.Count(settings.Rounds, "round")}, {Text.Count(settings.Calls, "timed call")} a size in each, {Text.Bytes(settings.Sizes.Begin)} to {Text.Bytes(settings.Sizes.End)}.";
        foreach (bool oversubscribed in new[] { false, true })
        {
            Result[] some = [.. results.Where(result => result.Case.IsOversubscribed == oversubscribed)];
            if (some.Length > 0)
            {
                yield return "";
                yield return oversubscribed ? "More ranks than processors:" : "A processor for each rank:";
                yield return "";
                foreach (string line in Tables.Summary(some, oversubscribed ? TargetOversubscribed : Target))
                {
                    yield return line;
                }
            }
        }

        yield return "";
        yield return $"![Ratio over the size](images/{Path.GetFileName(settings.Plot(transport))})";
    }

    private List<string> Details(IReadOnlyList<Result> results)
    {
        List<string> lines = [$"{Text.Count(settings.Rounds, "round")}, {Text.Count(settings.Calls, "timed call")} a size in each; {Text.Count(settings.Trials, "trial")} of each setting of a peer before them."];
        foreach (IGrouping<int, Result> group in results.GroupBy(result => result.Case.Ranks))
        {
            Result[] some = [.. group];
            string more = Case.IsOversubscribedWith(group.Key) ? ", more than processors" : "";
            lines.AddRange(["", $"### {TitleOf(some[0].Case.Transport)}, {group.Key} ranks{more}", "", .. Tables.BySize(some), "", .. Tables.SettingsOfPeers(some)]);
            lines.AddRange(Tables.Commands([.. some[0].Tried.Select(tried => tried.Setting), .. OursAndRoof(some[0].Case)]));
        }

        return lines;
    }

    private static IEnumerable<string> Repeated(IReadOnlyList<string> failures) =>
        failures.Count == 0 ? [] : ["Runs that failed and were repeated:", "", .. failures.Select(failure => $"- {failure}")];

    private IEnumerable<string> MachineTable() => [_began, "", "| | |", "|---|---|", .. Machine.Describe(Version())];

    private string Version() => Subprocess.Run([settings.Tool, "--version"], TimeSpan.FromMinutes(1)).Output.Trim();

    private void WritePicture(string transport, string picture)
    {
        string path = dryRun ? Path.Combine(settings.Results, Path.GetFileName(settings.Plot(transport))) : settings.Plot(transport);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, picture);
    }

    private void Put(string page, string part, IReadOnlyList<string> lines)
    {
        if (dryRun)
        {
            Console.WriteLine(string.Join('\n', lines));
        }
        else
        {
            new Page(page).Write(part, lines);
        }
    }
}
