namespace RdmaCollectives.Peers;

/// <summary>The rounds of all contenders of a case, and the ratios to the best peer in each round.</summary>
/// <param name="contenders">In the order of the tables.</param>
/// <param name="one">What all of them measure.</param>
internal sealed class Comparison(IReadOnlyList<Contender> contenders, Case one)
{
    private readonly List<SortedDictionary<long, Measured>[]> _rounds = [];

    public Case Case => one;

    public int Rounds => _rounds.Count;

    public IReadOnlyList<Contender> Contenders => contenders;

    public IReadOnlyList<long> Sizes => [.. _rounds[0][0].Keys];

    /// <summary>The contender of this name; null if there is none.</summary>
    public int? Find(string name) => contenders.Select((contender, i) => contender.Name == name ? i : (int?)null).FirstOrDefault(i => i is not null);

    /// <summary>The runs of one round: A B C, in the next B C A, ... so that a machine that slows down or a neighbour that wakes up meets all of them alike.</summary>
    public void Run(Func<Contender, SortedDictionary<long, Measured>> run)
    {
        var measured = new SortedDictionary<long, Measured>[contenders.Count];
        for (int turn = 0; turn < contenders.Count; turn++)
        {
            int index = (Rounds + turn) % contenders.Count;
            measured[index] = run(contenders[index]);
        }

        Add(measured);
    }

    /// <summary>Adds the runs of one round, in the order of the contenders.</summary>
    public void Add(SortedDictionary<long, Measured>[] round)
    {
        SortedDictionary<long, Measured> expected = _rounds.Count > 0 ? _rounds[0][0] : round[0];
        for (int i = 0; i < round.Length; i++)
        {
            if (!round[i].Keys.SequenceEqual(expected.Keys))
            {
                throw new PeersException($"{contenders[i].Name}: it measured the sizes {string.Join(", ", round[i].Keys)}, expected {string.Join(", ", expected.Keys)}.");
            }
        }

        _rounds.Add(round);
    }

    /// <summary>The median over the rounds of something that a run measured.</summary>
    public double Median(int contender, long bytes, Func<Measured, double> of) => Spread.Of(_rounds.Select(round => of(round[contender][bytes]))).Median;

    /// <summary>Microseconds: the median over the rounds of a run's median.</summary>
    public double Time(int contender, long bytes) => Median(contender, bytes, measured => measured.TimeUs.Median);

    /// <summary>Its time by that of the best peer of the same round, over the rounds; below 1 it is the faster.</summary>
    public Estimate Ratio(int contender, long bytes) => Estimate.Of(_rounds.Select(round => TimeIn(round, contender, bytes) / BestPeerIn(round, bytes)));

    private static double TimeIn(SortedDictionary<long, Measured>[] round, int contender, long bytes) => round[contender][bytes].TimeUs.Median;

    private double BestPeerIn(SortedDictionary<long, Measured>[] round, long bytes) =>
        Enumerable.Range(0, contenders.Count).Where(i => contenders[i].Role == Role.Peer).Min(i => TimeIn(round, i, bytes));
}
