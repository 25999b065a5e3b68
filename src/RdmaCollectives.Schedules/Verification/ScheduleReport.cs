namespace RdmaCollectives.Schedules.Verification;

/// <summary>What a verified schedule costs. Counts are of the rank that has most of them.</summary>
/// <param name="IsExact">Whether it was proved with expression trees and for every order of events; else by fingerprints, with the hazards looked for in the orders that were run.</param>
/// <param name="Chunks">The number of chunks that the buffer is divided into.</param>
/// <param name="Steps">Steps of a rank, over all channels.</param>
/// <param name="Messages">Messages that a rank sends; each is one chunk, 1/<paramref name="Chunks"/> of the buffer.</param>
/// <param name="Reductions">Chunks that a rank reduces.</param>
/// <param name="Hops">Messages on the critical path: the longest chain in which each needs the one before.</param>
/// <param name="LeastCredits">The number of messages that a FIFO must hold; one below it deadlocks. 0 when nothing is sent.</param>
/// <param name="IsRankOrdered">Whether every result is reduced in rank order, so that reducers that do not commute may use it.</param>
public sealed record ScheduleReport(bool IsExact, int Chunks, int Steps, int Messages, int Reductions, int Hops, int LeastCredits, bool IsRankOrdered)
{
    /// <summary>What a rank puts on the wire, in buffers: times the byte count of the call it is the bytes on the wire.</summary>
    public double VolumePerRank => (double)Messages / Chunks;
}
