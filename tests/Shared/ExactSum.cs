using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RdmaCollectives.Schedules;

namespace RdmaCollectives.Testing;

/// <summary>A bit-exact sum of floats whose rounding shows every other order: its operands, and the digest of what the fixed tree over the ranks makes of them.</summary>
public static class ExactSum
{
    /// <summary>What a rank gives; a shorter input is the beginning of a longer one.</summary>
    public static float[] Input(int rank, int count)
    {
        var random = new Random(1234 + rank);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 4) - 2))];
    }

    public static string Expected(int ranks, int count)
    {
        float[][] inputs = [.. Enumerable.Range(0, ranks).Select(rank => Input(rank, count))];
        float[] sums = [.. Enumerable.Range(0, count).Select(i => FixedTree.Evaluate(ranks, rank => inputs[rank][i], static (left, right) => left + right))];
        return Digest(sums);
    }

    public static string Digest(ReadOnlySpan<float> values) => Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(values)));
}
