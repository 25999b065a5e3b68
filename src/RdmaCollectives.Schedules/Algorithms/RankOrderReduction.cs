namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// One rank reduces the inputs of all ranks from left to right, in rank order, each as it arrives: <c>((in0 (+) in1) (+) in2) (+) ...</c>. Its own is a copy in the first plane of scratch memory, so that the output may
/// be over the input. Where own comes first or is already to the left, the steps carry <see cref="Step.IsOwnLeft"/>.
/// </summary>
internal static class RankOrderReduction
{
    /// <summary>
    /// The number of steps. The first operand pair of ranks 0 and 1 is own and a received one: one step. Every other rank first takes in0, and has a local step at its own turn: one step more.
    /// </summary>
    public static int Count(int ranks, int rank) => rank < 2 ? ranks - 1 : ranks;

    /// <summary>Step <paramref name="j"/> of a rank, of 2 or more ranks; the result is in the output.</summary>
    public static Step At(int ranks, int rank, in StepRange range, int j)
    {
        (int channel, int chunk, int count) = range;
        bool isFinal = j == Count(ranks, rank) - 1;
        if (rank >= 2)
        {
            return j == 0 ? Step.Receive(channel, chunk, 0, count: count)
                : j == rank ? Step.Reduce(channel, chunk, StepBuffer.Scratch, chunk, StepBuffer.Output, isFinal, count: count)
                : Step.ReceiveReduce(channel, chunk, j, StepBuffer.Output, StepBuffer.Output, isFinal, isOwnLeft: true, count);
        }

        return j > 0 ? Step.ReceiveReduce(channel, chunk, j + 1, StepBuffer.Output, StepBuffer.Output, isFinal, isOwnLeft: true, count)
            : Step.ReceiveReduce(channel, chunk, 1 - rank, StepBuffer.Scratch, StepBuffer.Output, isFinal, isOwnLeft: rank == 0, count);
    }
}
