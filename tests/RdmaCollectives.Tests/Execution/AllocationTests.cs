namespace RdmaCollectives.Tests.Execution;

/// <summary>
/// Counts what the calling threads allocate, because other tests run in this process beside these; the whole process is counted in the tests with processes.
/// </summary>
public sealed class AllocationTests
{
    [Theory]
    [InlineData(10, false)]
    [InlineData(10_000, false)]
    [InlineData(10, true)]
    [InlineData(10_000, true)]
    public void AllReduce_Repeated_AllocatesNothing(int count, bool queued)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, new CommunicatorOptions { ChunkBytes = 4096, Timeout = TimeSpan.FromSeconds(60) });
        long[] allocated = [-1, -1];
        group.Run(communicator =>
        {
            float[] values = new float[count];
            Call(communicator, values, queued, 1000);
            for (int rank = 0; rank < 2; rank++)
            {
                // Each rank once waits long enough to sleep, so that what the runtime sets up for a thread's first sleep is not counted as a call's.
                Thread.Sleep(rank == communicator.Rank ? 100 : 0);
                Call(communicator, values, queued, 1);
            }

            // The runtime makes some objects once per lock when two threads first meet at it, whenever that is. A call that allocates does so in every window.
            long least = long.MaxValue;
            for (int window = 0; window < 3; window++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                Call(communicator, values, queued, 2000);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            allocated[communicator.Rank] = least;
        });
        Assert.Equal([0, 0], allocated);
    }

    private static void Call(Communicator communicator, float[] values, bool queued, int times)
    {
        for (int i = 0; i < times; i++)
        {
            if (!queued)
            {
                communicator.AllReduce(values.AsSpan(), ReduceOp.Max);
                continue;
            }

            ValueTask first = communicator.AllReduceAsync(values.AsMemory(), ReduceOp.Max);
            communicator.AllReduce(values.AsSpan(), ReduceOp.Max); // behind it
            first.GetAwaiter().GetResult();
        }
    }
}
