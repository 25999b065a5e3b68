namespace RdmaCollectives.Schedules.Verification;

/// <summary>What can be said of one step by looking at it alone: ranks, chunks, channel and buffers that exist, and no write to the input.</summary>
internal static class StepRules
{
    /// <summary>The rule that the step breaks, in words; null when it breaks none.</summary>
    public static string? Violation(ISchedule schedule, in Shape shape, int chunks, int rank, in Step step)
    {
        if (step.Kind > StepKind.Reduce)
        {
            return $"kind {(int)step.Kind} does not exist";
        }

        if (step.Channel >= shape.Channels)
        {
            return $"channel {step.Channel} does not exist: the shape has {shape.Channels}";
        }

        return PeerViolation(shape, rank, step) ?? ChunkViolation(schedule, shape, chunks, step) ?? BufferViolation(step);
    }

    private static string? PeerViolation(in Shape shape, int rank, in Step step)
    {
        if (step.HasReceive && ((uint)step.ReceivePeer >= (uint)shape.Ranks || step.ReceivePeer == rank))
        {
            return $"it receives from rank {step.ReceivePeer}; the others are 0..{shape.Ranks - 1} without {rank}";
        }

        if (step.HasSend && ((uint)step.SendPeer >= (uint)shape.Ranks || step.SendPeer == rank))
        {
            return $"it sends to rank {step.SendPeer}; the others are 0..{shape.Ranks - 1} without {rank}";
        }

        return null;
    }

    private static string? ChunkViolation(ISchedule schedule, in Shape shape, int chunks, in Step step)
    {
        if ((uint)step.Chunk >= (uint)chunks || (uint)step.SourceChunk >= (uint)chunks)
        {
            return $"chunk {step.Chunk} or {step.SourceChunk} does not exist: there are {chunks}";
        }

        // A chunk belongs to one channel: this is why channels can be proved apart, and run side by side without a hazard between them.
        if (shape.Channels > 1 && (schedule.ChannelOf(shape, step.Chunk) != step.Channel || schedule.ChannelOf(shape, step.SourceChunk) != step.Channel))
        {
            return $"channel {step.Channel} touches chunk {step.Chunk} or {step.SourceChunk} of another channel";
        }

        return null;
    }

    private static string? BufferViolation(in Step step)
    {
        if (step.Source > StepBuffer.Scratch || step.Destination > StepBuffer.Scratch)
        {
            return "it names a buffer that does not exist";
        }

        return step.HasStore && step.Destination == StepBuffer.Input ? "it writes to the input, which is the caller's" : null;
    }
}
