using System.Diagnostics;
using System.Globalization;

namespace RdmaCollectives.Peers;

/// <summary>Runs the programs of a case, first the trials of the peers' settings and then the rounds, and keeps what they print.</summary>
internal sealed class Runner(Settings settings)
{
    /// <summary>A run of hours does not end with one program that does; the page says what was repeated.</summary>
    private const int Attempts = 3;

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly List<string> _failures = [];
    private int _done;

    /// <summary>Runs of a round that failed and were repeated: which, and why.</summary>
    public IReadOnlyList<string> Failures => _failures;

    /// <summary>All programs that will run, if that is known: for saying how far it is.</summary>
    public int? Runs { get; init; }

    public Result Run(Case one, IReadOnlyList<Peer> peers, IReadOnlyList<Contender> others)
    {
        IReadOnlyList<Tried> tried = Trial.Run(peers, settings.Trials, contender => TryMeasure(one, contender));
        return new Result(Compare(one, [.. tried.Where(setting => setting.IsChosen).Select(setting => setting.Setting), .. others]), tried);
    }

    public Comparison Compare(Case one, IReadOnlyList<Contender> contenders)
    {
        var comparison = new Comparison(contenders, one);
        for (int round = 0; round < settings.Rounds; round++)
        {
            comparison.Run(contender => MeasureAgain(one, contender, $"round {round + 1} of {settings.Rounds}"));
        }

        Keep(comparison);
        return comparison;
    }

    private SortedDictionary<long, Measured> MeasureAgain(Case one, Contender contender, string when)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return Measure(one, contender, when);
            }
            catch (PeersException error) when (error is not WrongResultException && attempt < Attempts)
            {
                Console.Error.WriteLine($"  again: {error.Message}");
                _failures.Add($"{when}: {error.Message}");
            }
        }
    }

    private SortedDictionary<long, Measured>? TryMeasure(Case one, Contender contender)
    {
        try
        {
            return Measure(one, contender, "trial");
        }
        catch (PeersException error) when (error is not WrongResultException)
        {
            Console.Error.WriteLine($"  left out: {error.Message}");
            return null;
        }
    }

    private SortedDictionary<long, Measured> Measure(Case one, Contender contender, string when)
    {
        string setting = contender.Setting.Length > 0 ? $" ({contender.Setting})" : "";
        Console.Error.WriteLine($"[{Stopwatch.GetElapsedTime(_started):h\\:mm\\:ss}, {++_done}{(Runs is { } runs ? $" of {runs}" : "")}] {one}, {when}: {contender.Name}{setting}");
        string[] lines = Subprocess.Run($"{one.Transport}-{one.Ranks}-{one.Collective}-{contender.Name}{setting}", contender.Command, contender.Environment, settings.Results);
        return Measured.Parse(lines, contender.Name, contender.Transport, one);
    }

    /// <summary>The medians over the rounds and the ratios, for programs: a line per size and contender in times.tsv.</summary>
    private void Keep(Comparison comparison)
    {
        IEnumerable<string> lines = comparison.Sizes.SelectMany(bytes => comparison.Contenders.Select((contender, i) =>
        {
            Estimate ratio = comparison.Ratio(i, bytes);
            return string.Create(CultureInfo.InvariantCulture, $"{comparison.Case.Transport}\t{comparison.Case.Ranks}\t{comparison.Case.Collective}\t{bytes}\t{contender.Name}\t{contender.Setting}\t{comparison.Rounds}\t{comparison.Time(i, bytes):0.000}\t{ratio.Median:0.0000}\t{ratio.Low:0.0000}\t{ratio.High:0.0000}");
        }));
        File.AppendAllLines(Path.Combine(settings.Results, "times.tsv"), lines);
    }
}
