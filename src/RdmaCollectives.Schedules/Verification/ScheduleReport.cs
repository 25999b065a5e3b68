namespace RdmaCollectives.Schedules.Verification;

/// <summary>What a verified schedule costs and keeps. Counts are of the rank that has most of them, over all channels, unless they say otherwise.</summary>
public sealed record ScheduleReport
{
    /// <summary>Whether it was proved with expression trees and for every order of events; else by fingerprints, with the hazards looked for in the order that was run.</summary>
    public required bool IsExact { get; init; }

    /// <summary>The number of chunks that a buffer is divided into.</summary>
    public required int Chunks { get; init; }

    /// <summary>The output chunks of all ranks together.</summary>
    public required long OutputChunks { get; init; }

    /// <summary>How many of them were followed from the inputs to the end: all, or in very large shapes a sample of the edges and of others by a fixed seed.</summary>
    public required long ChunksProved { get; init; }

    /// <summary>Steps of a rank.</summary>
    public required int Steps { get; init; }

    /// <summary>Messages that a rank sends.</summary>
    public required int MessagesSent { get; init; }

    /// <summary>Chunks in the messages that a rank sends.</summary>
    public required long ChunksSent { get; init; }

    /// <summary>Chunks in the messages of all ranks together.</summary>
    public required long TotalChunksSent { get; init; }

    /// <summary>The most chunks of one message; 1 when none is sent.</summary>
    public required int MessageChunks { get; init; }

    /// <summary>The planes of scratch memory that steps name, each as large as a buffer; what is declared may be more.</summary>
    public required int ScratchPlanes { get; init; }

    /// <summary>Chunks that a rank reduces.</summary>
    public required long Reductions { get; init; }

    /// <summary>Messages on the critical path: the longest chain in which each needs the one before.</summary>
    public required int Hops { get; init; }

    /// <summary>The number of messages that a FIFO must hold; one below it deadlocks. 0 when nothing is sent.</summary>
    public required int LeastCredits { get; init; }

    /// <summary>What holds of the schedule for this shape, promised or not. Where nothing is reduced, the traits of results hold of themselves.</summary>
    public required ScheduleTraits Traits { get; init; }

    /// <summary>Whether every result is reduced in rank order, so that reducers that do not commute may use it.</summary>
    public bool IsRankOrdered => Traits.HasFlag(ScheduleTraits.RankOrdered);

    /// <summary>Whether every result is the expression of <see cref="Schedules.FixedTree"/>.</summary>
    public bool IsFixedTree => Traits.HasFlag(ScheduleTraits.FixedTree);

    /// <summary>What a rank puts on the wire, in buffers (of all blocks): times the byte count of a buffer it is the bytes on the wire.</summary>
    public double VolumePerRank => (double)ChunksSent / Chunks;
}
