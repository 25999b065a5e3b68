namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// One of two complementary binary trees over all ranks: a rank with children in one is a leaf in the other, so that together they use what every rank can send and receive. The first is the in-order tree over the ranks, the second the
/// same one mirrored, which changes odd and even positions, and so leaves and others, if their number is even. If it is odd the second is the first shifted by one position.
/// </summary>
/// <remarks>
/// A tree has a rank on top, outside the in-order tree, where there is a root for both trees to begin at, or where one rank is left over when the others are to be an even number. In a tree without
/// a shift, and with rank 0 on top or none, all subtrees are ranges of ranks and every rank stands between its left and its right subtree. Source: Sanders, Speck and Träff, Two-tree algorithms for
/// full bandwidth broadcast, reduction and scan, Parallel Computing 2009.
/// </remarks>
internal readonly record struct DoubleTree : IRankTree
{
    private readonly int _ranks;
    private readonly int _top; // -1: the in-order tree is over all ranks
    private readonly bool _isSecond;

    private DoubleTree(int ranks, int top, bool isSecond)
    {
        _ranks = ranks;
        _top = top;
        _isSecond = isSecond;
    }

    /// <summary>A tree in rank order, for 2 and more ranks; rank 0 is on top if their number is odd.</summary>
    public static DoubleTree InRankOrder(int ranks, bool isSecond) => new(ranks, (ranks & 1) - 1, isSecond);

    /// <summary>A tree with a rank on top, for 2 and more ranks.</summary>
    public static DoubleTree Under(int ranks, int root, bool isSecond) => new(ranks, root, isSecond);

    /// <summary>The number of messages from the root to the farthest rank, or one more.</summary>
    public int Height => Tree.Height + (_top >= 0 ? 1 : 0);

    private InOrderTree Tree => new(_top >= 0 ? _ranks - 1 : _ranks);

    /// <summary>The number of messages from the root to a rank.</summary>
    public int Depth(int rank) => rank == _top ? 0 : Tree.Depth(PositionOf(rank)) + (_top >= 0 ? 1 : 0);

    /// <inheritdoc/>
    public int Parent(int rank)
    {
        if (rank == _top)
        {
            return -1;
        }

        int parent = Tree.Parent(PositionOf(rank));
        return parent > 0 ? RankOf(parent) : _top;
    }

    /// <inheritdoc/>
    public int ChildCount(int rank) => rank == _top ? 1 : (Tree.Left(PositionOf(rank)) > 0 ? 1 : 0) + (Tree.Right(PositionOf(rank)) > 0 ? 1 : 0);

    /// <inheritdoc/>
    public int Child(int rank, int index)
    {
        if (rank == _top)
        {
            return RankOf(Tree.Root);
        }

        int position = PositionOf(rank);
        int left = Tree.Left(position);
        return RankOf(index == 0 && left > 0 ? left : Tree.Right(position));
    }

    // Place 1.. of a rank behind the top, around; with nothing on top, behind the last rank.
    private int PositionOf(int rank)
    {
        int place = rank > _top ? rank - _top : rank - _top + _ranks;
        int size = Tree.Size;
        return !_isSecond ? place
            : size % 2 == 0 ? size + 1 - place
            : place == 1 ? size : place - 1;
    }

    private int RankOf(int position)
    {
        int size = Tree.Size;
        int place = !_isSecond ? position
            : size % 2 == 0 ? size + 1 - position
            : position == size ? 1 : position + 1;
        int rank = _top + place;
        return rank < _ranks ? rank : rank - _ranks;
    }
}
