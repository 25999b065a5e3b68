namespace RdmaCollectives.Tool.Doctor.Pairs;

/// <summary>
/// In which order pairs are measured: one at a time among few ranks, so that no pair disturbs another; among many in a tournament, in which every rank meets another in each round (the circle method:
/// one rank stays, the others go round). All ranks come to the same plan.
/// </summary>
internal static class PairPlan
{
    /// <summary>Up to so many ranks pairs have the machines for themselves: 28 pairs.</summary>
    public const int MostAlone = 8;

    public static IReadOnlyList<IReadOnlyList<(int Low, int High)>> Rounds(int ranks) => ranks <= MostAlone ? OneByOne(ranks) : Tournament(ranks);

    private static List<IReadOnlyList<(int Low, int High)>> OneByOne(int ranks) =>
        [.. Enumerable.Range(0, ranks).SelectMany(low => Enumerable.Range(low + 1, ranks - low - 1), IReadOnlyList<(int Low, int High)> (low, high) => [(low, high)])];

    private static List<IReadOnlyList<(int Low, int High)>> Tournament(int ranks)
    {
        int places = ranks + (ranks % 2); // of an odd number one rank rests in each round
        List<IReadOnlyList<(int Low, int High)>> rounds = [];
        for (int round = 0; round < places - 1; round++)
        {
            int At(int place) => place == 0 ? 0 : 1 + ((place - 1 + round) % (places - 1));
            rounds.Add([.. Enumerable.Range(0, places / 2).Select(place => (At(place), At(places - 1 - place))).Where(pair => Math.Max(pair.Item1, pair.Item2) < ranks).Select(pair => (Math.Min(pair.Item1, pair.Item2), Math.Max(pair.Item1, pair.Item2)))]);
        }

        return rounds;
    }
}
