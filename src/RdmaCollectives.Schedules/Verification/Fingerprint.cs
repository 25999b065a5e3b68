namespace RdmaCollectives.Schedules.Verification;

/// <summary>A value of the model in 40 bytes, for any number of ranks.</summary>
/// <param name="Contributions">The sum of a random 64-bit number per rank: the same for the same multiset of contributions, whatever the order.</param>
/// <param name="Expression">A hash of the expression tree: differs with the order and with the brackets.</param>
/// <param name="Count">The number of contributions.</param>
/// <param name="Chunk">The chunk they belong to.</param>
/// <param name="First">The lowest rank, while the operands are in rank order.</param>
/// <param name="Last">The highest rank, while the operands are in rank order; -1 when they are not.</param>
/// <param name="IsFinished">Whether the post-operation was applied.</param>
internal readonly record struct Fingerprint(ulong Contributions, ulong Expression, int Count, int Chunk, int First, int Last, bool IsFinished);
