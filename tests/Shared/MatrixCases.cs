namespace RdmaCollectives.Testing;

/// <summary>
/// A pairwise cover of types x operators x counts x placements: every two values of different columns meet in some row. Made by taking, again and again, the row that
/// covers the most pairs that are not covered yet; the same rows in every run. Bit operations meet integers only.
/// </summary>
public static class MatrixCases
{
    private static readonly int[] Counts = [0, 1, 7, 2049, 65536, 300_007];

    private static readonly (bool InPlace, bool Allocated, bool Async)[] Placements =
    [
        (false, false, false), (true, false, false), (false, true, false), (true, true, false), (false, false, true), (true, true, true),
    ];

    public static IReadOnlyList<AllReduceCase> All { get; } = Cover();

    /// <summary>A few of the rows, in which each type, operator, count and placement occurs.</summary>
    public static IReadOnlyList<AllReduceCase> Some { get; } = FirstOfEachValue();

    private static List<AllReduceCase> FirstOfEachValue()
    {
        var seen = new HashSet<object>();
        return [.. All.Where(row => ((object[])[row.Type, row.Op, row.Count, (row.InPlace, row.Allocated, row.Async)]).Count(seen.Add) > 0)];
    }

    private static List<AllReduceCase> Cover()
    {
        DataType[] types = Enum.GetValues<DataType>();
        ReduceOp[] ops = Enum.GetValues<ReduceOp>();
        int[] sizes = [types.Length, ops.Length, Counts.Length, Placements.Length];
        var rows = new List<int[]>();
        var uncovered = new HashSet<(int, int, int, int)>();
        for (int a = 0; a < sizes.Length; a++)
        {
            for (int b = a + 1; b < sizes.Length; b++)
            {
                for (int i = 0; i < sizes[a]; i++)
                {
                    for (int j = 0; j < sizes[b]; j++)
                    {
                        uncovered.Add((a, i, b, j));
                    }
                }
            }
        }

        int[][] candidates = [.. from t in Enumerable.Range(0, sizes[0]) from o in Enumerable.Range(0, sizes[1]) from c in Enumerable.Range(0, sizes[2]) from p in Enumerable.Range(0, sizes[3]) select new[] { t, o, c, p }];
        candidates = [.. candidates.Where(row => ops[row[1]].AppliesTo(types[row[0]]))];
        uncovered.IntersectWith(candidates.SelectMany(Pairs));
        while (uncovered.Count > 0)
        {
            int[] best = candidates.MaxBy(row => Pairs(row).Count(uncovered.Contains))!;
            uncovered.ExceptWith(Pairs(best));
            rows.Add(best);
        }

        return [.. rows.Select(row => new AllReduceCase(types[row[0]], ops[row[1]], Counts[row[2]], Placements[row[3]].InPlace, Placements[row[3]].Allocated, Placements[row[3]].Async))];
    }

    private static IEnumerable<(int, int, int, int)> Pairs(int[] row)
    {
        for (int a = 0; a < row.Length; a++)
        {
            for (int b = a + 1; b < row.Length; b++)
            {
                yield return (a, row[a], b, row[b]);
            }
        }
    }
}
