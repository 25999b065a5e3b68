namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>A k-nomial tree over ranks that follow each other, turned so that its root is one of them: position i is the rank i places behind the root, around.</summary>
/// <param name="Tree">The tree over positions.</param>
/// <param name="Root">The root's place among the ranks.</param>
/// <param name="First">The first of the ranks.</param>
internal readonly record struct RootedTree(KnomialTree Tree, int Root, int First = 0) : IRankTree
{
    /// <inheritdoc/>
    public int Parent(int rank)
    {
        int parent = Tree.Parent(PositionOf(rank));
        return parent < 0 ? -1 : RankOf(parent);
    }

    /// <inheritdoc/>
    public int ChildCount(int rank) => Tree.ChildCount(PositionOf(rank));

    /// <inheritdoc/>
    public int Child(int rank, int index) => RankOf(Tree.Child(PositionOf(rank), index));

    /// <summary>The position of a rank.</summary>
    public int PositionOf(int rank)
    {
        int behind = rank - First - Root;
        return behind >= 0 ? behind : behind + Tree.Size;
    }

    /// <summary>The rank at a position.</summary>
    public int RankOf(int position) => First + ((Root + position) % Tree.Size);
}
