using System.Numerics;

namespace RdmaCollectives.Schedules.Verification;

/// <summary>Sets of small numbers as rows of bits.</summary>
internal static class Bits
{
    private const int PerWord = 64;

    public static int Words(int size) => (size + PerWord - 1) / PerWord;

    public static bool Has(ulong[] row, int index) => (row[index / PerWord] & (1UL << index)) != 0;

    public static void Set(ulong[] row, int index) => row[index / PerWord] |= 1UL << index;

    public static void Clear(ulong[] row, int index) => row[index / PerWord] &= ~(1UL << index);

    /// <summary>The first member from <paramref name="from"/> on that is below <paramref name="end"/>; <paramref name="end"/> when there is none.</summary>
    public static int Next(ulong[] row, int from, int end)
    {
        for (int at = from; at < end; at = (at / PerWord * PerWord) + PerWord)
        {
            ulong rest = row[at / PerWord] >> at;
            if (rest != 0)
            {
                return Math.Min(end, at + BitOperations.TrailingZeroCount(rest));
            }
        }

        return end;
    }

    /// <summary>Adds all members of another set.</summary>
    public static void Unite(ulong[] row, ulong[] other)
    {
        for (int word = 0; word < row.Length; word++)
        {
            row[word] |= other[word];
        }
    }
}
