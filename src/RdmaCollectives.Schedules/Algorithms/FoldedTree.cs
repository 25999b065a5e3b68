using System.Numerics;

namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// The fixed tree of the bit-exact mode over <paramref name="Ranks"/> ranks that follow each other. With p the largest power of two that is not above their number, the first ranks are
/// folded: rank 2i takes rank 2i+1, for as many pairs as there are ranks beyond p. What is left are p operands, and neighbours among those are combined pairwise, again and again, the lower one on the
/// left: <c>((v0+v1)+(v2+v3))+((v4+v5)+(v6+v7))</c>. That is rank order.
/// </summary>
/// <param name="Ranks">The number of ranks, 1 and up.</param>
/// <param name="First">The first of them.</param>
internal readonly record struct FoldedTree(int Ranks, int First = 0) : IRankTree
{
    /// <summary>The number of operands after folding, p.</summary>
    public int Operands => 1 << Levels;

    /// <summary>How often neighbouring operands are combined, log2 p.</summary>
    public int Levels => BitOperations.Log2((uint)Ranks);

    /// <summary>How many pairs of ranks are folded into one operand each; they come first.</summary>
    public int Pairs => Ranks - Operands;

    /// <summary>Whether a rank gives its input to the one before it and takes no other part in the reduction.</summary>
    public bool IsFolded(int rank) => rank - First < 2 * Pairs && ((rank - First) & 1) != 0;

    /// <summary>Whether a rank takes the input of the one behind it first.</summary>
    public bool Folds(int rank) => rank - First < 2 * Pairs && ((rank - First) & 1) == 0;

    /// <summary>The operand that a rank is part of.</summary>
    public int OperandOf(int rank) => rank - First < 2 * Pairs ? (rank - First) / 2 : rank - First - Pairs;

    /// <summary>The rank that has an operand.</summary>
    public int RankOf(int operand) => First + operand + Math.Min(operand, Pairs);

    /// <inheritdoc/>
    public int Parent(int rank)
    {
        int operand = OperandOf(rank);
        return IsFolded(rank) ? rank - 1 : operand == 0 ? -1 : RankOf(operand & (operand - 1));
    }

    /// <inheritdoc/>
    public int ChildCount(int rank) => IsFolded(rank) ? 0 : LevelsOf(OperandOf(rank)) + (Folds(rank) ? 1 : 0);

    /// <inheritdoc/>
    public int Child(int rank, int index)
    {
        int level = Folds(rank) ? index - 1 : index;
        return level < 0 ? rank + 1 : RankOf(OperandOf(rank) + (1 << level));
    }

    /// <summary>How often an operand is the left one.</summary>
    private int LevelsOf(int operand) => operand == 0 ? Levels : BitOperations.TrailingZeroCount(operand);
}
