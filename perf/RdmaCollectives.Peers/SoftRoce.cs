using System.Globalization;

namespace RdmaCollectives.Peers;

/// <summary>
/// Ours on a machine with two Soft-RoCE hosts (tests/softroce), beside <c>ib_write_bw</c> and beside the same writes and additions without a library (perf/raw); perf/softroce/compare.sh runs all in turns.
/// </summary>
internal sealed class SoftRoce(Settings settings)
{
    private const string OneWay = "ib_write_bw", BothWays = "ib_write_bw -b", Exchange = "exchange", Ring = "ring";
    private const int Ranks = 2, CannotHere = 77, SecondsPerRound = 300;

    private static readonly (string Which, string Name)[] Ours = [("array", Contenders.Arrays), ("allocate", Contenders.Allocated)];

    private string Folder => Path.Combine(settings.Results, "softroce");

    /// <summary>The measured part of the page; null where this machine cannot run Soft-RoCE, for the reason that was printed.</summary>
    public IEnumerable<string>? Run()
    {
        Directory.CreateDirectory(Folder);
        int seconds = 120 + (SecondsPerRound * settings.Rounds);
        string raw = Path.Combine(settings.Root, "artifacts/raw/raw");
        string[] prepare = [Path.Combine(settings.Root, "tests/softroce/prepare.sh")];
        string[] make = ["make", "--silent", "-C", Path.Combine(settings.Root, "perf/raw")];
        string[] compare =
        [
            Path.Combine(settings.Root, "tests/softroce/run"), "--hosts", "2", "--timeout", $"{seconds}", "--out", Folder, "--",
            Path.Combine(settings.Root, "perf/softroce/compare.sh"), settings.Tool, raw, $"{settings.Rounds}",
        ];
        Console.Error.WriteLine($"Soft-RoCE: {settings.Rounds} rounds, two minutes or so each");
        foreach (string[] command in new[] { prepare, make, compare })
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

        return
        [
            $"Linux {File.ReadAllText(Path.Combine(Folder, "kernel.txt")).Trim()} in the Soft-RoCE machine, {Text.Count(settings.Rounds, "round")}. Ratios are of one round each: the median, and the interval that holds it with 95%.",
            "", .. Rates(), "", .. Times(),
        ];
    }

    private IEnumerable<string> Rates()
    {
        Perftest[] perftest = [.. File.ReadLines(Path.Combine(Folder, "perftest.tsv")).Select(Perftest.Parse)];
        SortedDictionary<long, Measured>[] ring = ReadAll("raw", Ring);
        SortedDictionary<long, Measured>[][] ours = [.. Ours.Select(kind => ReadAll("ours", kind.Which))];
        yield return $"GB/s per direction (of an all-reduce: busbw). The ratio is ours by the raw ring; more is better.";
        yield return "";
        yield return $"| size | `{OneWay}` | `{BothWays}` | raw ring | {string.Join(" | ", Ours.Select(kind => $"{kind.Name} | ratio"))} |";
        yield return "|---:|---:|---:|---:|---:|---:|---:|---:|";
        foreach (long bytes in ring[0].Keys)
        {
            double[] Of(string program) => [.. perftest.Where(row => row.Program == program && row.Bytes == bytes).OrderBy(row => row.Round).Select(row => row.GBps)];
            double[] roof = [.. ring.Select(round => round[bytes].BusbwGBps)];
            IEnumerable<string> cells = ours.Select(rounds => rounds.Select(round => round[bytes].BusbwGBps).ToArray()).Select(rates => $"{Rate(rates)} | {Ratio(rates, roof)}");
            yield return $"| {Text.Bytes(bytes)} | {Rate(Of(OneWay))} | {Rate(Of(BothWays))} | {Rate(roof)} | {string.Join(" | ", cells)} |";
        }
    }

    private IEnumerable<string> Times()
    {
        SortedDictionary<long, Measured>[] exchange = ReadAll("raw", Exchange), ours = ReadAll("ours", "small");
        yield return "Microseconds of a small all-reduce. The ratio is ours by the raw exchange; less is better.";
        yield return "";
        yield return $"| size | raw exchange | {Contenders.Allocated} | ratio |";
        yield return "|---:|---:|---:|---:|";
        foreach (long bytes in exchange[0].Keys)
        {
            double[] roof = [.. exchange.Select(round => round[bytes].TimeUs.Median)], times = [.. ours.Select(round => round[bytes].TimeUs.Median)];
            yield return $"| {Text.Bytes(bytes)} | {Text.Digits(Spread.Of(roof).Median)} | {Text.Digits(Spread.Of(times).Median)} | {Ratio(times, roof)} |";
        }
    }

    private SortedDictionary<long, Measured>[] ReadAll(string whose, string which) =>
        [.. Enumerable.Range(1, settings.Rounds).Select(round => Measured.Parse(File.ReadLines(Path.Combine(Folder, $"{whose}-{which}-{round}.jsonl")), $"{whose} {which}", "verbs", new Case("verbs", Ranks, "all_reduce")))];

    private static string Ratio(double[] ours, double[] roof) => Text.Ratio(Estimate.Of([.. ours.Zip(roof, (our, their) => our / their)]));

    private static string Rate(double[] rates) => rates.Length == 0 ? "" : Text.Number(Spread.Of(rates).Median, "0.0000");

    private readonly record struct Perftest(int Round, string Program, long Bytes, double GBps)
    {
        public static Perftest Parse(string line)
        {
            string[] fields = line.Split('\t');
            return new Perftest(int.Parse(fields[0]), fields[1], long.Parse(fields[2]), double.Parse(fields[3], CultureInfo.InvariantCulture));
        }
    }
}
