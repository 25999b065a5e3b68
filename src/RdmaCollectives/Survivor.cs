namespace RdmaCollectives;

/// <summary>A rank of a communicator that <see cref="Communicator.Shrink"/> made.</summary>
/// <param name="OldRank">Its rank in the old communicator; -1 for a newcomer of a <c>Grow</c> that had been decided and not completed.</param>
/// <param name="Rank">Its rank in the new one.</param>
/// <param name="CompletedSequence">The last collective call of the old communicator that it completed, counted from 1; 0 for none. Sends and receives do not count.</param>
public readonly record struct Survivor(int OldRank, int Rank, ulong CompletedSequence);
