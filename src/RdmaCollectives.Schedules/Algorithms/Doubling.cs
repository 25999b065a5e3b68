using System.Numerics;

namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>What the algorithms have in common whose distances are 1, 2, 4, ..., for any number of ranks.</summary>
internal static class Doubling
{
    /// <summary>How many distances there are: the powers of two below n, <c>ceil(log2 n)</c>.</summary>
    public static int Count(int n) => n == 1 ? 0 : BitOperations.Log2((uint)n - 1) + 1;

    /// <summary>How many blocks can be reached by a distance and not by the ones below it: as many as the distance, as far as there are ranks.</summary>
    public static int Reach(int distance, int n) => Math.Min(distance, n - distance);

    /// <summary>The greatest <see cref="Reach"/>; 1 where there is no distance. It is that of the longest distance, which may be cut short, or of the one below.</summary>
    public static int GreatestReach(int n)
    {
        int longest = n == 1 ? 1 : 1 << (Count(n) - 1);
        return Math.Max(1, Math.Max(longest / 2, Reach(longest, n)));
    }
}
