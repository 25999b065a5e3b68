namespace RdmaCollectives.Schedules;

/// <summary>
/// One algorithm as data: a pure function from (shape, rank, index) to a step, so that it is tested, drawn, simulated at 10,000 ranks
/// and executed from the same source. Implementations hold no state that changes and are safe to use from any thread.
/// </summary>
public interface ISchedule
{
    /// <summary>The algorithm's short name, as users select it: <c>ring</c>. Unique within its collective.</summary>
    string Name { get; }

    /// <summary>What the schedule computes.</summary>
    CollectiveKind Collective { get; }

    /// <summary>What it promises beyond that.</summary>
    ScheduleTraits Traits => ScheduleTraits.None;

    /// <summary>Whether there is a schedule for this shape; the other members are asked only where there is.</summary>
    bool Supports(in Shape shape) => true;

    /// <summary>The number of chunks that input and output are divided into for this shape (over all channels); a multiple of the ranks where buffers have blocks.</summary>
    int ChunkCount(in Shape shape);

    /// <summary>
    /// Scratch memory, in planes of <see cref="ChunkCount"/> chunks each; step chunk <c>p * ChunkCount + c</c> of scratch is as large as chunk c. At least 1 where a step names scratch memory.
    /// </summary>
    int ScratchPlanes(in Shape shape) => 1;

    /// <summary>The most chunks that one message has: the greatest <see cref="Step.Count"/> of all steps of all ranks that send or receive.</summary>
    int MessageChunks(in Shape shape) => 1;

    /// <summary>The channel that works on a chunk.</summary>
    int ChannelOf(in Shape shape, int chunk);

    /// <summary>The least number of messages that a FIFO must hold for the schedule to run to its end; one below, it deadlocks.</summary>
    int MinimumCredits(in Shape shape);

    /// <summary>The number of steps of a rank, over all channels.</summary>
    int StepCount(in Shape shape, int rank);

    /// <summary>Step <paramref name="index"/> of a rank. Steps of one channel are in their order; channels may be interleaved.</summary>
    Step GetStep(in Shape shape, int rank, int index);
}
