namespace RdmaCollectives.Testing;

/// <summary>The blocks of one buffer, by rank.</summary>
/// <param name="Counts">Elements of each.</param>
/// <param name="Offsets">Where each begins.</param>
/// <param name="IsInRow">Whether they follow each other, so that no displacements are needed.</param>
/// <param name="Length">Of the whole buffer: there may be more behind the last block.</param>
internal sealed record BlockShape(int[] Counts, int[] Offsets, bool IsInRow, int Length)
{
    public int[] Displacements => IsInRow ? [] : Offsets;

    public static BlockShape Equal(int blocks, int count) => InRow([.. Enumerable.Repeat(count, blocks)]);

    public static BlockShape InRow(int[] counts)
    {
        int[] offsets = new int[counts.Length];
        for (int i = 1; i < counts.Length; i++)
        {
            offsets[i] = offsets[i - 1] + counts[i - 1];
        }

        return new BlockShape(counts, offsets, true, counts.Sum());
    }

    /// <summary>In an order of their own, with gaps before, between and behind them.</summary>
    public static BlockShape Scattered(int[] counts, Random random)
    {
        int[] order = [.. Enumerable.Range(0, counts.Length)];
        random.Shuffle(order);
        int[] offsets = new int[counts.Length];
        int end = 0;
        foreach (int block in order)
        {
            offsets[block] = end + random.Next(6);
            end = offsets[block] + counts[block];
        }

        return new BlockShape(counts, offsets, false, end + random.Next(6));
    }

    /// <summary>Sizes from nothing to twice a count.</summary>
    public static int[] Irregular(int blocks, int count, Random random) => [.. Enumerable.Range(0, blocks).Select(_ => random.Next(4) == 0 ? 0 : random.Next((2 * count) + 1))];
}
