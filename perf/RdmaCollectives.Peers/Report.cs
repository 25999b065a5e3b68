namespace RdmaCollectives.Peers;

/// <summary>Measures the parts of docs/performance.md and writes each as soon as it is there.</summary>
internal sealed class Report(Settings settings, bool dryRun)
{
    private readonly Page _page = new(settings.Page);
    private readonly Contenders _contenders = new(settings);

    public void Write(string part)
    {
        string began = $"Measured on {DateTime.UtcNow:yyyy-MM-dd}.";
        string[] machine = [.. Machine.Describe(Version())];
        IEnumerable<string>? lines = part switch
        {
            "shm" => [.. SharedMemory(began)],
            "runtime" => [.. Runtime()],
            "softroce" => new SoftRoce(settings).Run(),
            _ => throw new ArgumentOutOfRangeException(nameof(part), part, "There is no such part."),
        };
        if (lines is not null)
        {
            Put(part, [began, "", "| | |", "|---|---|", .. machine, "", .. lines]);
        }
    }

    private List<string> SharedMemory(string began)
    {
        List<Comparison> comparisons = [];
        List<string> lines = [];
        foreach (int ranks in settings.Ranks)
        {
            var comparison = new Comparison(_contenders.SharedMemory(ranks), ranks);
            comparison.Run(settings.Rounds, settings.Results);
            comparisons.Add(comparison);
            string oversubscribed = ranks > Environment.ProcessorCount ? ", more than processors" : "";
            lines.AddRange([$"### {ranks} ranks{oversubscribed}", "", .. Tables.BySize(comparison), .. Tables.Commands(comparison)]);
        }

        string picture = TimePlot.Draw(comparisons, "All-reduce in shared memory", $"float32, sum, out of place; medians of {settings.Rounds} rounds, with the range of the ratios. {began}");
        if (!dryRun)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(settings.Plot)!);
        }

        File.WriteAllText(dryRun ? Path.Combine(settings.Results, Path.GetFileName(settings.Plot)) : settings.Plot, picture);
        return [$"{settings.Rounds} rounds, {settings.Calls} timed calls a size in each.", "", "![Time and ratio over the size](images/performance-shm.svg)", "", .. lines];
    }

    private IEnumerable<string> Runtime()
    {
        var comparison = new Comparison(_contenders.RuntimeSettings(), ranks: 2);
        comparison.Run(settings.Rounds, settings.Results);
        return [$"{settings.Rounds} rounds, {settings.Calls} timed calls a size in each, ordinary arrays.", "", .. Tables.ByContender(comparison), .. Tables.Commands(comparison)];
    }

    private string Version() => Subprocess.Run([settings.Tool, "--version"], TimeSpan.FromMinutes(1)).Output.Trim();

    private void Put(string part, IReadOnlyList<string> lines)
    {
        if (dryRun)
        {
            Console.WriteLine(string.Join('\n', lines));
        }
        else
        {
            _page.Write(part, lines);
        }
    }
}
