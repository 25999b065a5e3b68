using System.Globalization;

namespace RdmaCollectives.Peers;

/// <summary>Ours beside <c>ib_write_bw</c> on a machine with two Soft-RoCE hosts (tests/softroce), where perf/softroce/compare.sh runs both in turns.</summary>
internal sealed class SoftRoce(Settings settings)
{
    private const string OneWay = "ib_write_bw", BothWays = "ib_write_bw -b";
    private const int Ranks = 2, CannotHere = 77, SecondsPerRound = 300;

    private static readonly (string Buffers, string Name)[] Ours = [("array", Contenders.Arrays), ("allocate", Contenders.Allocated)];

    private string Folder => Path.Combine(settings.Results, "softroce");

    /// <summary>The measured part of the page; null where this machine cannot run Soft-RoCE, for the reason that was printed.</summary>
    public IEnumerable<string>? Run()
    {
        Directory.CreateDirectory(Folder);
        int seconds = 120 + (SecondsPerRound * settings.Rounds);
        string[] prepare = [Path.Combine(settings.Root, "tests/softroce/prepare.sh")];
        string[] compare =
        [
            Path.Combine(settings.Root, "tests/softroce/run"), "--hosts", "2", "--timeout", $"{seconds}", "--out", Folder, "--",
            Path.Combine(settings.Root, "perf/softroce/compare.sh"), settings.Tool, $"{settings.Rounds}",
        ];
        Console.Error.WriteLine($"Soft-RoCE: {settings.Rounds} rounds, a minute or so each");
        foreach (string[] command in new[] { prepare, compare })
        {
            (int exitCode, _, string error) = Subprocess.Run(command, TimeSpan.FromSeconds(seconds + 300));
            if (exitCode == CannotHere)
            {
                Console.Error.WriteLine($"Soft-RoCE is left out: {Subprocess.LastLine(error)}");
                return null;
            }

            if (exitCode != 0)
            {
                throw new PeersException($"{Path.GetFileName(command[0])}: exit code {exitCode}\n{error.Trim()}");
            }
        }

        return Table();
    }

    private List<string> Table()
    {
        Perftest[] perftest = [.. File.ReadLines(Path.Combine(Folder, "perftest.tsv")).Select(Perftest.Parse)];
        SortedDictionary<long, Measured>[][] ours = [.. Ours.Select(kind => Enumerable.Range(1, settings.Rounds).Select(round => Read(kind.Buffers, kind.Name, round)).ToArray())];
        List<string> lines =
        [
            $"Linux {File.ReadAllText(Path.Combine(Folder, "kernel.txt")).Trim()} in the Soft-RoCE machine, {Text.Count(settings.Rounds, "round")}. GB/s per direction; the ratio is to the faster `ib_write_bw` of the same round.",
            "",
            $"| size | `{OneWay}` | `{BothWays}` | {string.Join(" | ", Ours.Select(kind => $"{kind.Name} | ratio"))} |",
            "|---:|---:|---:|---:|---:|---:|---:|",
        ];
        foreach (long bytes in perftest.Select(row => row.Bytes).Distinct())
        {
            double[] Of(string program) => [.. perftest.Where(row => row.Program == program && row.Bytes == bytes).OrderBy(row => row.Round).Select(row => row.GBps)];
            double[] oneWay = Of(OneWay), bothWays = Of(BothWays);
            double[] faster = [.. oneWay.Zip(bothWays, Math.Max)];
            IEnumerable<string> cells = ours.Select(rounds => rounds.Select(round => round[bytes].BusbwGBps).ToArray())
                .Select(rates => $"{Rate(rates)} | {Text.Range(Spread.Of(rates.Zip(faster, (our, their) => our / their)))}");
            lines.Add($"| {Text.Bytes(bytes)} | {Rate(oneWay)} | {Rate(bothWays)} | {string.Join(" | ", cells)} |");
        }

        return lines;
    }

    private SortedDictionary<long, Measured> Read(string buffers, string name, int round) =>
        Measured.Parse(File.ReadLines(Path.Combine(Folder, $"ours-{buffers}-{round}.jsonl")), name, "verbs", new Case("verbs", Ranks, "all_reduce"));

    private static string Rate(double[] rates) => Text.Number(Spread.Of(rates).Median, "0.0000");

    private readonly record struct Perftest(int Round, string Program, long Bytes, double GBps)
    {
        public static Perftest Parse(string line)
        {
            string[] fields = line.Split('\t');
            return new Perftest(int.Parse(fields[0]), fields[1], long.Parse(fields[2]), double.Parse(fields[3], CultureInfo.InvariantCulture));
        }
    }
}
