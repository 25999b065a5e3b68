namespace RdmaCollectives.Peers;

/// <summary>The runs of all contenders, in turns: A B C, B C A, ... so that a machine that slows down or a neighbour that wakes up meets all of them alike.</summary>
/// <param name="contenders">In the order of the tables; the ratios are to the first.</param>
/// <param name="ranks">How many ranks each of them runs.</param>
internal sealed class Comparison(IReadOnlyList<Contender> contenders, int ranks)
{
    private readonly List<SortedDictionary<long, Measured>[]> _rounds = [];

    public int Ranks => ranks;

    public int Rounds => _rounds.Count;

    public IReadOnlyList<Contender> Contenders => contenders;

    public IReadOnlyList<long> Sizes => [.. _rounds[0][0].Keys];

    public void Run(int rounds, string results)
    {
        for (int round = 0; round < rounds; round++)
        {
            var measured = new SortedDictionary<long, Measured>[contenders.Count];
            for (int turn = 0; turn < contenders.Count; turn++)
            {
                int index = (round + turn) % contenders.Count;
                Contender contender = contenders[index];
                Console.Error.WriteLine($"{ranks} ranks, round {round + 1} of {rounds}: {contender.Name}");
                string[] lines = Subprocess.Run(contender.Name, contender.Command, contender.Environment, results);
                measured[index] = Measured.Parse(lines, contender.Name, contender.Transport, ranks);
            }

            Add(measured);
        }
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

    /// <summary>Its time to that of the first contender in the same round, over the rounds; below 1 it is the faster.</summary>
    public Spread Ratio(int contender, long bytes) => Spread.Of(_rounds.Select(round => round[contender][bytes].TimeUs.Median / round[0][bytes].TimeUs.Median));

    /// <summary>The geometric mean over the sizes of the median ratio.</summary>
    public double MeanRatio(int contender) => Math.Exp(Sizes.Average(bytes => Math.Log(Ratio(contender, bytes).Median)));
}

/// <summary>The median and the ends of some values.</summary>
internal readonly record struct Spread(double Median, double Min, double Max)
{
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Spread((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1]);
    }
}
