namespace RdmaCollectives.Schedules.Verification;

/// <summary>What can be said of one step by looking at it alone: ranks, chunks, channel and buffers that exist, and no write to the input.</summary>
internal static class StepRules
{
    /// <summary>The rule that the step breaks, in words; null when it breaks none.</summary>
    public static string? Violation(ISchedule schedule, in Shape shape, int chunks, int rank, in Step step) =>
        step.Kind > StepKind.Reduce ? $"kind {(int)step.Kind} does not exist"
        : step.Channel >= shape.Channels ? $"channel {step.Channel} does not exist: the shape has {shape.Channels}"
        : step.HasReceive && !IsPeer(shape, rank, step.ReceivePeer) ? $"it receives from rank {step.ReceivePeer}; the others are 0..{shape.Ranks - 1} without {rank}"
        : step.HasSend && !IsPeer(shape, rank, step.SendPeer) ? $"it sends to rank {step.SendPeer}; the others are 0..{shape.Ranks - 1} without {rank}"
        : (uint)step.Chunk >= (uint)chunks || (uint)step.SourceChunk >= (uint)chunks ? $"chunk {step.Chunk} or {step.SourceChunk} does not exist: there are {chunks}"
        : !StaysOnItsChannel(schedule, shape, step) ? $"channel {step.Channel} touches chunk {step.Chunk} or {step.SourceChunk} of another channel"
        : step.Source > StepBuffer.Scratch || step.Destination > StepBuffer.Scratch ? "it names a buffer that does not exist"
        : step.HasStore && step.Destination == StepBuffer.Input ? "it writes to the input, which is the caller's"
        : null;

    /// <summary>Whether <see cref="Violation"/> has nothing to say; it formats no text, as it is asked of every step of millions.</summary>
    public static bool Allow(ISchedule schedule, in Shape shape, int chunks, int rank, in Step step) =>
        step.Kind <= StepKind.Reduce
        && step.Channel < shape.Channels
        && (!step.HasReceive || IsPeer(shape, rank, step.ReceivePeer))
        && (!step.HasSend || IsPeer(shape, rank, step.SendPeer))
        && (uint)step.Chunk < (uint)chunks
        && (uint)step.SourceChunk < (uint)chunks
        && StaysOnItsChannel(schedule, shape, step)
        && step.Source <= StepBuffer.Scratch
        && step.Destination <= StepBuffer.Scratch
        && !(step.HasStore && step.Destination == StepBuffer.Input);

    private static bool IsPeer(in Shape shape, int rank, int peer) => (uint)peer < (uint)shape.Ranks && peer != rank;

    // A chunk belongs to one channel: this is why channels can be proved apart, and run side by side without a hazard between them.
    private static bool StaysOnItsChannel(ISchedule schedule, in Shape shape, in Step step) =>
        shape.Channels == 1 || (schedule.ChannelOf(shape, step.Chunk) == step.Channel && schedule.ChannelOf(shape, step.SourceChunk) == step.Channel);
}
