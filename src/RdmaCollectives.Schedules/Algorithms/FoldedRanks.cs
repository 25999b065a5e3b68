using System.Numerics;

namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Any number of ranks made a power of two, p: each of the first 2 (n - p) ranks with an odd number hands its part to the one before it and stands aside. What remains are p positions in the order of ranks;
/// a position stands for the block of its rank and, where it took one over, of the next. So neighbouring positions stand for blocks that follow each other.
/// </summary>
/// <param name="Ranks">The number of ranks n, 1 and up.</param>
internal readonly record struct FoldedRanks(int Ranks)
{
    /// <summary>The positions: the largest power of two that is not above the number of ranks.</summary>
    public int Width => 1 << BitOperations.Log2((uint)Ranks);

    /// <summary>How many exchanges double one position to all of them.</summary>
    public int Exchanges => BitOperations.Log2((uint)Ranks);

    /// <summary>How many ranks stand aside; the positions below this number stand for two ranks.</summary>
    public int Aside => Ranks - Width;

    /// <summary>Whether a rank stands aside, behind the rank before it.</summary>
    public bool IsAside(int rank) => rank < 2 * Aside && (rank & 1) == 1;

    /// <summary>Whether a rank stands for the next one too.</summary>
    public bool IsDouble(int rank) => rank < 2 * Aside && (rank & 1) == 0;

    /// <summary>The position of a rank.</summary>
    public int PositionOf(int rank) => rank < 2 * Aside ? rank / 2 : rank - Aside;

    /// <summary>The rank of a position, and the first block that it stands for; for the position behind the last one the number of ranks.</summary>
    public int First(int position) => position < Aside ? 2 * position : position + Aside;

    /// <summary>How many blocks the positions from <paramref name="position"/> on stand for.</summary>
    public int Blocks(int position, int positions) => First(position + positions) - First(position);
}
