namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>Makes the steps of a schedule part of another one: for a schedule of one channel that uses no scratch memory and runs on some of the ranks and some of the chunks.</summary>
/// <param name="Channel">The channel of the whole.</param>
/// <param name="FirstChunk">The chunk that is the part's chunk 0.</param>
/// <param name="FirstRank">The rank that is the part's rank 0.</param>
/// <param name="RankStride">The distance between neighbouring ranks of the part.</param>
/// <param name="ChunkStride">The distance between neighbouring chunks of the part; 1 for one that has messages of several chunks.</param>
/// <param name="InOutput">Whether the part's input is what the ranks have in their output so far. A schedule that is safe in place is as right so, as no step can tell the difference.</param>
internal readonly record struct Relabelling(int Channel, int FirstChunk, int FirstRank = 0, int RankStride = 1, int ChunkStride = 1, bool InOutput = false)
{
    /// <summary>The step of the whole.</summary>
    public Step Apply(in Step step)
    {
        int chunk = ChunkOf(step.Chunk);
        int from = RankOf(step.ReceivePeer);
        int to = RankOf(step.SendPeer);
        StepBuffer source = BufferOf(step.Source);
        StepBuffer destination = BufferOf(step.Destination);
        return step.Kind switch
        {
            StepKind.Send => Step.Send(Channel, chunk, to, source, step.Count),
            StepKind.Receive => Step.Receive(Channel, chunk, from, destination, step.Count),
            StepKind.ReceiveReduce => Step.ReceiveReduce(Channel, chunk, from, source, destination, step.IsFinal, step.IsOwnLeft, step.Count),
            StepKind.ReceiveReduceSend => Step.ReceiveReduceSend(Channel, chunk, from, to, source, step.IsFinal, step.IsOwnLeft, step.Count),
            StepKind.ReceiveReduceCopySend => Step.ReceiveReduceCopySend(Channel, chunk, from, to, source, destination, step.IsFinal, step.IsOwnLeft, step.Count),
            StepKind.ReceiveCopySend => Step.ReceiveCopySend(Channel, chunk, from, to, destination, step.Count),
            StepKind.Copy => Step.Copy(Channel, ChunkOf(step.SourceChunk), source, chunk, destination, step.IsFinal, step.Count),
            _ => Step.Reduce(Channel, ChunkOf(step.SourceChunk), source, chunk, destination, step.IsFinal, step.IsOwnLeft, step.Count),
        };
    }

    private int ChunkOf(int chunk) => FirstChunk + (chunk * ChunkStride);

    private int RankOf(int rank) => FirstRank + (rank * RankStride);

    private StepBuffer BufferOf(StepBuffer buffer) => InOutput && buffer == StepBuffer.Input ? StepBuffer.Output : buffer;
}
