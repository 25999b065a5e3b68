using RdmaCollectives.Testing;

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

    public static TheoryData<CaseKind> Kinds => [.. Enum.GetValues<CaseKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Call_Repeated_AllocatesNothing(CaseKind kind) => AssertAllocatesNothing(communicator => CallOf(kind, communicator));

    [Fact]
    public void Group_RunAgain_AllocatesNothing() => AssertAllocatesNothing(communicator =>
    {
        OperationGroup group = communicator.CreateGroup();
        int other = 1 - communicator.Rank;
        group.AllReduce<float>(new float[10], ReduceOp.Sum);
        group.Send<float>(new float[5000], other);
        group.AllReduce<float>(new float[20], ReduceOp.Sum);
        group.Broadcast<int>(new int[300], 1);
        group.Receive<float>(new float[5000], other);
        return group.Run;
    });

    private static void AssertAllocatesNothing(Func<Communicator, Action> prepare)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, new CommunicatorOptions { ChunkBytes = 4096, Timeout = TimeSpan.FromSeconds(60) });
        long[] allocated = [-1, -1];
        group.Run(communicator =>
        {
            Action call = prepare(communicator);
            Repeat(call, 300);
            for (int rank = 0; rank < 2; rank++)
            {
                Thread.Sleep(rank == communicator.Rank ? 100 : 0); // as above
                call();
            }

            long least = long.MaxValue;
            for (int window = 0; window < 3; window++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                Repeat(call, 700);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            allocated[communicator.Rank] = least;
        });
        Assert.Equal([0, 0], allocated);
    }

    private static Action CallOf(CaseKind kind, Communicator c)
    {
        float[] one = new float[1500];
        float[] two = new float[3000];
        float[] all = new float[3000];
        int[] counts = [1000, 500];
        int[] own = [counts[c.Rank], counts[c.Rank]];
        int[] displacements = [1500, 0];
        int other = 1 - c.Rank;
        return kind switch
        {
            CaseKind.AllReduce => () => c.AllReduce(one.AsSpan(), ReduceOp.Max),
            CaseKind.Reduce => () => c.Reduce(one.AsSpan(), ReduceOp.Max, 1),
            CaseKind.Broadcast => () => c.Broadcast(one.AsSpan(), 1),
            CaseKind.AllGather => () => c.AllGather<float>(one, two),
            CaseKind.AllGatherV => () => c.AllGather<float>(one.AsSpan(0, counts[c.Rank]), two, counts, displacements),
            CaseKind.ReduceScatter => () => c.ReduceScatter<float>(two, one, ReduceOp.Max),
            CaseKind.ReduceScatterV => () => c.ReduceScatter<float>(two, one.AsSpan(0, counts[c.Rank]), counts, ReduceOp.Max),
            CaseKind.AllToAll => () => c.AllToAll<float>(two, all),
            CaseKind.AllToAllV => () => c.AllToAll<float>(two, counts, displacements, all, own, displacements),
            CaseKind.Gather => () => c.Gather<float>(one, two, 1),
            CaseKind.GatherV => () => c.Gather<float>(one.AsSpan(0, counts[c.Rank]), two, counts, displacements, 1),
            CaseKind.Scatter => () => c.Scatter<float>(two, one, 1),
            CaseKind.ScatterV => () => c.Scatter<float>(two, counts, displacements, one.AsSpan(0, counts[c.Rank]), 1),
            CaseKind.Barrier => () => c.Barrier(),
            CaseKind.Send => c.Rank == 0 ? () => c.Send<float>(one, 1) : () => c.Receive(one.AsSpan(), 0),
            CaseKind.ReceiveAny => c.Rank == 0 ? () => c.Send<float>(one, 1) : () => c.ReceiveAny(one.AsSpan()),
            _ => () => c.SendReceive<float>(one, other, two.AsSpan(0, one.Length), other),
        };
    }

    private static void Repeat(Action call, int times)
    {
        for (int i = 0; i < times; i++)
        {
            call();
        }
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
