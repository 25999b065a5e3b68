namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>A tree over ranks. Children are listed in the order in which a reduction takes them: smaller subtrees first, as those are ready first.</summary>
internal interface IRankTree
{
    /// <summary>The rank's parent, or -1 for the root.</summary>
    int Parent(int rank);

    /// <summary>How many children a rank has.</summary>
    int ChildCount(int rank);

    /// <summary>Child <paramref name="index"/> of a rank.</summary>
    int Child(int rank, int index);
}
