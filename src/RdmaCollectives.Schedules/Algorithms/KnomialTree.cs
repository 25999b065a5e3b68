namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// The k-nomial tree over positions 0..<paramref name="Size"/>-1 with its root at 0: written in base <paramref name="Radix"/>, a position's parent has the lowest digit that is not zero set to
/// zero. So a subtree is a range of positions that begins with its root, and children are the nearer the smaller their subtrees are. Radix 2 is the binomial tree.
/// </summary>
/// <param name="Size">The number of positions, 1 and up; any number, not only a power of the radix.</param>
/// <param name="Radix">The most children that a position has per level, plus one; 2 and up.</param>
internal readonly record struct KnomialTree(int Size, int Radix = 2)
{
    /// <summary>The number of messages from the root to the farthest position: the most digits that are not zero.</summary>
    public int Height
    {
        get
        {
            // The least position with h such digits is h ones.
            int height = 0;
            for (long ones = 1; ones < Size; ones = (ones * Radix) + 1)
            {
                height++;
            }

            return height;
        }
    }

    /// <summary>The position's parent, or -1 for the root.</summary>
    public int Parent(int position) => position == 0 ? -1 : (int)(position - (position % (Span(position) * Radix)));

    /// <summary>How many children a position has.</summary>
    public int ChildCount(int position)
    {
        int count = 0;
        long span = Span(position);
        for (long stride = 1; stride < span && position + stride < Size; stride *= Radix)
        {
            count += (int)Math.Min(Radix - 1, (Size - 1 - position) / stride);
        }

        return count;
    }

    /// <summary>Child <paramref name="index"/> of a position, the nearest first.</summary>
    public int Child(int position, int index)
    {
        long stride = 1;
        for (int level = index / (Radix - 1); level > 0; level--)
        {
            stride *= Radix;
        }

        return (int)(position + (stride * ((index % (Radix - 1)) + 1)));
    }

    /// <summary>How many positions a position's subtree has: it is the range <c>[position, position + SubtreeSize(position))</c>.</summary>
    public int SubtreeSize(int position) => (int)Math.Min(Span(position), Size - position);

    /// <summary>The size of the position's subtree in a tree without end: the highest power of the radix that divides the position; all positions for the root.</summary>
    private long Span(int position)
    {
        long span = 1;
        while (position == 0 ? span < Size : position % (span * Radix) == 0)
        {
            span *= Radix;
        }

        return span;
    }
}
