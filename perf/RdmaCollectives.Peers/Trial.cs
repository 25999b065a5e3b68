namespace RdmaCollectives.Peers;

/// <summary>Which of its settings a peer takes part with: the one that is the fastest in trial runs before the rounds, by the geometric mean over the sizes.</summary>
internal static class Trial
{
    /// <summary>A peer that takes so many times as long as the best one, at every size, can't become the best one and isn't run again.</summary>
    public const double Hopeless = 10;

    /// <summary>Tries all settings of all peers in turns.</summary>
    /// <param name="peers">With no trials each keeps its first setting.</param>
    /// <param name="trials">How often each setting is run.</param>
    /// <param name="run">Null: it does not run here.</param>
    public static IReadOnlyList<Tried> Run(IReadOnlyList<Peer> peers, int trials, Func<Contender, SortedDictionary<long, Measured>?> run)
    {
        if (trials == 0)
        {
            return [.. peers.Select(peer => new Tried(peer.Settings[0], peer.Name, new Dictionary<long, double>()) { IsChosen = true })];
        }

        Contender[] settings = [.. peers.SelectMany(peer => peer.Settings)];
        List<SortedDictionary<long, Measured>>[] runs = [.. settings.Select(_ => new List<SortedDictionary<long, Measured>>())];
        for (int trial = 0; trial < trials; trial++)
        {
            for (int i = 0; i < settings.Length; i++)
            {
                if (run(settings[i]) is { } measured)
                {
                    runs[i].Add(measured);
                }
            }
        }

        return Choose([.. settings.Select((setting, i) => new Tried(setting, setting.Name, Times(runs[i], trials)))]);
    }

    /// <summary>Marks the best setting of each peer, and leaves out peers without hope.</summary>
    public static IReadOnlyList<Tried> Choose(IReadOnlyList<Tried> tried)
    {
        Tried[] best = [.. tried.Where(one => one.Runs).GroupBy(one => one.Peer, StringComparer.Ordinal).Select(group => group.MinBy(one => one.MeanTime)!)];
        if (best.Length == 0)
        {
            throw new PeersException("No setting of any peer runs here.");
        }

        return [.. tried.Select(one => one with
        {
            IsChosen = best.Contains(one) && !IsHopeless(one, best),
            IsHopeless = best.Contains(one) && IsHopeless(one, best),
            MeanRatio = one.Runs ? one.MeanTime / best.First(other => other.Peer == one.Peer).MeanTime : double.PositiveInfinity,
        })];
    }

    private static bool IsHopeless(Tried one, Tried[] best) => one.Times.All(size => size.Value > Hopeless * best.Min(other => other.Times[size.Key]));

    /// <summary>Nothing, unless every trial ran.</summary>
    private static Dictionary<long, double> Times(List<SortedDictionary<long, Measured>> runs, int trials) =>
        runs.Count < trials ? [] : runs[0].Keys.ToDictionary(bytes => bytes, bytes => Spread.Of(runs.Select(run => run[bytes].TimeUs.Median)).Median);
}

/// <summary>A setting of a peer after the trials.</summary>
/// <param name="Setting">The command.</param>
/// <param name="Peer">Whose.</param>
/// <param name="Times">Microseconds by size; none if it does not run here, or was not tried.</param>
internal sealed record Tried(Contender Setting, string Peer, IReadOnlyDictionary<long, double> Times)
{
    public bool Runs => Times.Count > 0;

    /// <summary>The geometric mean over the sizes.</summary>
    public double MeanTime => Runs ? Mean.Geometric(Times.Values) : double.PositiveInfinity;

    /// <summary>Its mean time by that of the best setting of the same peer.</summary>
    public double MeanRatio { get; init; } = 1;

    /// <summary>Whether the peer takes part in the rounds, with this setting.</summary>
    public bool IsChosen { get; init; }

    /// <summary>Whether it is the peer's best, and the peer too slow to be run again.</summary>
    public bool IsHopeless { get; init; }
}
