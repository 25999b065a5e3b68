using System.Numerics;

namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// The binary tree over positions 1..<paramref name="Size"/> in which everything left of a position is in its left subtree and everything right of it in its right one: odd positions are leaves, positions that
/// 2 divides once are their parents, and so on. The root is the largest power of two.
/// </summary>
/// <param name="Size">The number of positions, 1 and up.</param>
internal readonly record struct InOrderTree(int Size)
{
    /// <summary>The root.</summary>
    public int Root => 1 << Height;

    /// <summary>The number of messages from the root to the farthest position: to position 1.</summary>
    public int Height => BitOperations.Log2((uint)Size);

    /// <summary>The position's parent, or -1 for the root.</summary>
    public int Parent(int position)
    {
        if (position == Root)
        {
            return -1;
        }

        // Of the two nearest positions with one factor of two more, one is the parent. At the right end that one may lie beyond the end; then it is the nearest on the left that is an ancestor anyway.
        int span = Span(position);
        int parent = (position - span) | (span << 1);
        return parent <= Size ? parent : position - span;
    }

    /// <summary>The left child, or -1.</summary>
    public int Left(int position) => Span(position) == 1 ? -1 : position - (Span(position) / 2);

    /// <summary>The right child, or -1.</summary>
    public int Right(int position)
    {
        // The root of what is between the position and its end, or the end of all.
        int size = Math.Min(Span(position) - 1, Size - position);
        return size == 0 ? -1 : position + new InOrderTree(size).Root;
    }

    /// <summary>The number of messages from the root to the position.</summary>
    public int Depth(int position)
    {
        int depth = 0;
        while ((position = Parent(position)) > 0)
        {
            depth++;
        }

        return depth;
    }

    private static int Span(int position) => position & -position;
}
