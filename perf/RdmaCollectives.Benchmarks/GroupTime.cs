using System.Globalization;

namespace RdmaCollectives.Benchmarks;

/// <summary>
/// What a group of 100 small all-reduces costs beside single ones of the same size: windows of runs, and windows of calls, in turns and in the same processes. A window counts with the time of its slowest rank.
/// To be started by <c>rdmacc run -n 2 --bind core --</c>.
/// </summary>
internal static class GroupTime
{
    private const int Calls = 2000;
    private const int Parts = 100;
    private const int Pairs = 201;

    public static int Measure()
    {
        using Communicator communicator = Communicator.Create();
        Memory<float>[] parts = [.. Enumerable.Range(0, Parts).Select(static _ => new float[2].AsMemory())];
        float[] single = new float[2];
        using OperationGroup group = communicator.CreateGroup();
        foreach (Memory<float> part in parts)
        {
            group.AllReduce(part, ReduceOp.Sum);
        }

        double[] grouped = new double[Pairs], alone = new double[Pairs], slowest = new double[2];
        for (int pair = -Pairs / 4; pair < Pairs; pair++) // a quarter more, to warm up
        {
            slowest[0] = Sample.Time(group.Run, Calls);
            slowest[1] = Sample.Time(() => communicator.AllReduce<float>(single, ReduceOp.Sum), Calls);
            communicator.AllReduce<double>(slowest, ReduceOp.Max);
            if (pair >= 0)
            {
                (grouped[pair], alone[pair]) = (slowest[0], slowest[1]);
            }
        }

        if (communicator.Rank == 0)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"a group of {Parts} all-reduces of 8 B: {Sample.Median(grouped):0} ns, one alone: {Sample.Median(alone):0} ns, ratio {Sample.Median([.. grouped.Zip(alone, static (all, one) => all / one)]):0.00} (medians of {Pairs} pairs of {Calls} calls)"));
        }

        return 0;
    }
}
