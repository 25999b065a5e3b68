namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// The reduction of everybody's contribution to one chunk on one rank, from left to right in rank order, each as it arrives. Own contribution lies in scratch memory, under the number of the chunk, so that the result
/// may grow in the output in place.
/// </summary>
internal static class RankOrder
{
    /// <summary>
    /// The number of steps. The first pair of ranks 0 and 1 is own and a received contribution: one step. Every other rank takes the first contribution as it is, and has
    /// a local step at its own turn: one step more.
    /// </summary>
    public static int StepCount(int n, int rank) => rank < 2 ? n - 1 : n;

    /// <summary>Step <paramref name="index"/> of the reduction; for two ranks and more.</summary>
    public static Step GetStep(int channel, int chunk, int n, int rank, int index)
    {
        bool isFinal = index == StepCount(n, rank) - 1;
        if (rank >= 2)
        {
            return index == 0 ? Step.Receive(channel, chunk, 0)
                : index == rank ? Step.Reduce(channel, chunk, StepBuffer.Scratch, chunk, StepBuffer.Output, isFinal)
                : Step.ReceiveReduce(channel, chunk, index, StepBuffer.Output, StepBuffer.Output, isFinal, isOwnLeft: true);
        }

        return index > 0 ? Step.ReceiveReduce(channel, chunk, index + 1, StepBuffer.Output, StepBuffer.Output, isFinal, isOwnLeft: true)
            : Step.ReceiveReduce(channel, chunk, 1 - rank, StepBuffer.Scratch, StepBuffer.Output, isFinal, isOwnLeft: rank == 0);
    }
}
