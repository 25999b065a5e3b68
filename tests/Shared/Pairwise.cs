namespace RdmaCollectives.Testing;

/// <summary>Rows in which every two values of different columns meet at least once. The same rows in every run.</summary>
internal static class Pairwise
{
    private const int Tries = 40;

    /// <param name="sizes">The number of values of each column.</param>
    /// <param name="isPossible">Whether two values may stand in one row; a row is made of such only.</param>
    public static List<int[]> Cover(int[] sizes, Func<int[], bool> isPossible)
    {
        var random = new Random(20240229);
        HashSet<(int, int, int, int)> uncovered = AllPairs(sizes);
        var rows = new List<int[]>();
        while (uncovered.Count > 0)
        {
            (int a, int i, int b, int j) = uncovered.First();
            int[]? best = null;
            int most = 0;
            for (int attempt = 0; attempt < Tries; attempt++)
            {
                int[] row = [.. sizes.Select(size => random.Next(size))];
                (row[a], row[b]) = (i, j);
                int covers = isPossible(row) ? Pairs(row).Count(uncovered.Contains) : 0;
                if (covers > most)
                {
                    (best, most) = (row, covers);
                }
            }

            if (best is null)
            {
                uncovered.Remove((a, i, b, j)); // the two do not go together
                continue;
            }

            uncovered.ExceptWith(Pairs(best));
            rows.Add(best);
        }

        return rows;
    }

    private static HashSet<(int, int, int, int)> AllPairs(int[] sizes) => [..
        from a in Enumerable.Range(0, sizes.Length)
        from b in Enumerable.Range(a + 1, sizes.Length - a - 1)
        from i in Enumerable.Range(0, sizes[a])
        from j in Enumerable.Range(0, sizes[b])
        select (a, i, b, j)];

    private static IEnumerable<(int, int, int, int)> Pairs(int[] row) =>
        from a in Enumerable.Range(0, row.Length)
        from b in Enumerable.Range(a + 1, row.Length - a - 1)
        select (a, row[a], b, row[b]);
}
