namespace RdmaCollectives.Schedules.Verification;

/// <summary>What can be said of one step by looking at it alone: ranks, chunks, channel and buffers that exist and that the rank has, no write to the input, and nothing that the collective does not do.</summary>
internal sealed class StepRules(ISchedule schedule, BufferLayout layout)
{
    private readonly Shape _shape = layout.Shape;
    private readonly int _messageChunks = schedule.MessageChunks(layout.Shape);
    private readonly bool _isReducing = layout.Collective.IsReducing();
    private readonly bool _isBarrier = layout.Collective == CollectiveKind.Barrier;
    private readonly byte[] _channelOf = Channels(schedule, layout);

    /// <summary>Whether <see cref="Violation"/> has nothing to say; it formats no text, as it is asked of every step of millions.</summary>
    public bool Allow(int rank, in Step step) =>
        step.Channel < _shape.Channels
        && (!step.HasReceive || (IsPeer(rank, step.ReceivePeer) && step.Count <= _messageChunks))
        && (!step.HasSend || (IsPeer(rank, step.SendPeer) && step.Count <= _messageChunks))
        && (_isReducing || !(step.HasReduce || step.IsFinal))
        && (_isBarrier
            ? step is { Kind: StepKind.Send or StepKind.Receive, Chunk: 0, Count: 1 }
            : step.Source <= StepBuffer.Scratch
                && step.Destination <= StepBuffer.Scratch
                && !(step.HasStore && step.Destination == StepBuffer.Input)
                && (!ReadsOwn(step) || IsRoom(rank, step.Channel, step.Source, step.SourceChunk, step.Count))
                && (!step.HasStore || IsRoom(rank, step.Channel, step.Destination, step.Chunk, step.Count))
                && (IsFused(step) || IsLocalStepSound(step)));

    /// <summary>The rule that the step breaks and how, in words; null when it breaks none.</summary>
    public (string Rule, string Words)? Violation(int rank, in Step step) =>
        !_isReducing && step.IsFinal ? ("final", $"it marks a value as final; {layout.Collective} has no post-operation")
        : ShapeViolation(rank, step) is { } words ? ("shape", words)
        : !_isBarrier && !IsFused(step) && !IsLocalStepSound(step) ? OverlapViolation(step)
        : null;

    private string? ShapeViolation(int rank, in Step step) =>
        step.Channel >= _shape.Channels ? $"channel {step.Channel} does not exist: the shape has {_shape.Channels}"
        : step.HasReceive && !IsPeer(rank, step.ReceivePeer) ? $"it receives from rank {step.ReceivePeer}; the others are 0..{_shape.Ranks - 1} without {rank}"
        : step.HasSend && !IsPeer(rank, step.SendPeer) ? $"it sends to rank {step.SendPeer}; the others are 0..{_shape.Ranks - 1} without {rank}"
        : !_isReducing && step.HasReduce ? $"{layout.Collective} reduces nothing"
        : (step.HasReceive || step.HasSend) && step.Count > _messageChunks ? $"a message of {step.Count} chunks; it declares {_messageChunks} (MessageChunks)"
        : _isBarrier ? BarrierViolation(step)
        : step.Source > StepBuffer.Scratch || step.Destination > StepBuffer.Scratch ? "it names a buffer that does not exist"
        : step.HasStore && step.Destination == StepBuffer.Input ? "it writes to the input, which is the caller's"
        : (ReadsOwn(step) ? PlaceViolation(rank, step.Channel, step.Source, step.SourceChunk, step.Count) : null)
            ?? (step.HasStore ? PlaceViolation(rank, step.Channel, step.Destination, step.Chunk, step.Count) : null);

    private static string? BarrierViolation(in Step step) =>
        step is { Kind: StepKind.Send or StepKind.Receive, Chunk: 0, Count: 1 } ? null : "a barrier sends and receives chunk 0 and does nothing else";

    private string? PlaceViolation(int rank, int channel, StepBuffer buffer, int chunk, int count) =>
        count > layout.Chunks ? $"it works on {count} chunks; there are {layout.Chunks}"
        : buffer == StepBuffer.Scratch && chunk / layout.Chunks >= layout.ScratchPlanes ? $"chunk {chunk} of scratch does not exist: there are {layout.ScratchPlanes} planes of {layout.Chunks} (ScratchPlanes)"
        : (buffer != StepBuffer.Scratch && chunk >= layout.Chunks) || chunk < 0 ? $"chunk {chunk} does not exist: there are {layout.Chunks}"
        : !layout.Has(rank, buffer, chunk, count) ? $"{buffer}[{chunk}]{(count > 1 ? $" and the {count - 1} behind it are" : " is")} not what rank {rank} has in {layout.Collective}: {Had(rank, buffer)}"
        : !StaysOnItsChannel(channel, chunk, count) ? $"channel {channel} touches chunk {chunk}{(count > 1 ? $" to {(chunk + count - 1) % layout.Chunks}" : "")} of another channel"
        : null;

    private string Had(int rank, StepBuffer buffer)
    {
        ChunkRange range = buffer == StepBuffer.Input ? layout.InputOf(rank) : layout.OutputOf(rank);
        return range.Count == 0 ? $"it has no {buffer}" : $"its {buffer} is chunks {range.First}..{range.First + range.Count - 1}";
    }

    private bool IsRoom(int rank, int channel, StepBuffer buffer, int chunk, int count) =>
        layout.Has(rank, buffer, chunk, count) && StaysOnItsChannel(channel, chunk, count);

    private bool IsPeer(int rank, int peer) => (uint)peer < (uint)_shape.Ranks && peer != rank;

    /// <summary>Whether the step reads memory of its rank.</summary>
    public static bool ReadsOwn(in Step step) => step.Kind is not (StepKind.Receive or StepKind.ReceiveCopySend);

    private static bool IsFused(in Step step) => step.Kind is not (StepKind.Copy or StepKind.Reduce);

    /// <summary>A copy or a local reduction has ranges of one size, that are the same memory or none of it in common: what it reads must not be what it has just written.</summary>
    private bool IsLocalStepSound(in Step step)
    {
        ChunkRange source = layout.Locate(step.Source, step.SourceChunk, step.Count);
        ChunkRange destination = layout.Locate(step.Destination, step.Chunk, step.Count);
        return layout.AreOfOneSize(step.SourceChunk, step.Chunk) && (source == destination || !source.Overlaps(destination, layout.Chunks));
    }

    private (string Rule, string Words) OverlapViolation(in Step step) =>
        layout.AreOfOneSize(step.SourceChunk, step.Chunk)
            ? ("hazard", $"it reads {step.Source} from {step.SourceChunk} and writes {step.Destination} from {step.Chunk}, {step.Count} chunks each, which overlap{(step.Source == step.Destination ? "" : " when the call is in place")}")
            : ("shape", $"chunk {step.SourceChunk} and chunk {step.Chunk} may differ in size");

    // A chunk belongs to one channel: this is why channels can be proved apart, and run side by side without a hazard between them.
    private bool StaysOnItsChannel(int channel, int chunk, int count)
    {
        if (_shape.Channels == 1)
        {
            return true;
        }

        int first = chunk % layout.Chunks;
        int behind = Math.Max(0, first + count - layout.Chunks);
        return !_channelOf.AsSpan(first, count - behind).ContainsAnyExcept((byte)channel) && !_channelOf.AsSpan(0, behind).ContainsAnyExcept((byte)channel);
    }

    private static byte[] Channels(ISchedule schedule, BufferLayout layout)
    {
        Shape shape = layout.Shape;
        return shape.Channels == 1 ? [] : [.. Enumerable.Range(0, layout.Chunks).Select(chunk => (byte)schedule.ChannelOf(shape, chunk))];
    }
}
