using System.Numerics;

namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// The fixed tree (<see cref="FixedTree"/>) as the moves of one rank that has all operands: they come in rank order, and partial results lie in places 0, 1, 2, ..., as in a binary counter. For two ranks and more.
/// </summary>
internal static class FixedTreeWalk
{
    /// <summary>One move.</summary>
    /// <param name="Place">The place that it writes.</param>
    /// <param name="Rank">The rank whose operand it takes; -1 where it combines the place with the next one.</param>
    /// <param name="IsFirst">Whether the operand is stored as it is; else it is the right operand of what the place holds.</param>
    public readonly record struct Move(int Place, int Rank, bool IsFirst);

    /// <summary>The number of moves.</summary>
    public static int StepCount(int n) => MovesBefore(n, 1 << BitOperations.Log2((uint)n));

    /// <summary>The move at an index.</summary>
    public static Move GetMove(int n, int index)
    {
        int leaf = LeafAt(n, index);
        int move = index - MovesBefore(n, leaf);
        int pairs = n - (1 << BitOperations.Log2((uint)n));
        int place = BitOperations.PopCount((uint)leaf); // what waits: a complete subtree for each bit of the leaf's number
        bool isPair = leaf < pairs;
        if (isPair && move < 2)
        {
            return new Move(place, (2 * leaf) + move, IsFirst: move == 0);
        }

        bool isFused = !isPair && leaf % 2 == 1;
        if (!isPair && move == 0)
        {
            return new Move(isFused ? place - 1 : place, leaf + pairs, IsFirst: !isFused);
        }

        int combined = move - (isPair ? 2 : 1) + (isFused ? 1 : 0);
        return new Move(place - 1 - combined, -1, IsFirst: false);
    }

    /// <summary>
    /// How many moves the leaves below one have. A leaf takes a rank, a pair two; then it completes as many subtrees as it has ones at its end, which are <c>leaf - popcount(leaf)</c> for all leaves below. The first of
    /// them costs an odd leaf of one rank no move of its own.
    /// </summary>
    private static int MovesBefore(int n, int leaf)
    {
        int pairs = n - (1 << BitOperations.Log2((uint)n));
        int fused = (Math.Max(leaf, pairs) / 2) - (pairs / 2); // odd numbers from pairs to leaf - 1
        return leaf + Math.Min(leaf, pairs) + leaf - BitOperations.PopCount((uint)leaf) - fused;
    }

    /// <summary>The last leaf that has no more than <paramref name="index"/> moves before it, by bisection.</summary>
    private static int LeafAt(int n, int index)
    {
        int leaf = 0;
        for (int width = 1 << BitOperations.Log2((uint)n); width > 0; width /= 2)
        {
            if (leaf + width < 1 << BitOperations.Log2((uint)n) && MovesBefore(n, leaf + width) <= index)
            {
                leaf += width;
            }
        }

        return leaf;
    }
}
