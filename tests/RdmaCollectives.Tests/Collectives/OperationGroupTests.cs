namespace RdmaCollectives.Tests.Collectives;

/// <summary>Many calls run as one, again and again.</summary>
public sealed class OperationGroupTests(LocalGroups groups) : IClassFixture<LocalGroups>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    public void Run_AgainWithNewElements_IsExactEveryTime(int ranks) => groups.Run(ranks, communicator =>
    {
        int rank = communicator.Rank;
        int[][] small = [.. Enumerable.Range(0, 9).Select(i => new int[i * 37])];
        int[] large = new int[50_001];
        int[] shared = new int[777];
        int[] own = new int[100];
        int[] gathered = new int[100 * ranks];
        using OperationGroup group = communicator.CreateGroup();
        foreach (int[] values in small)
        {
            group.AllReduce<int>(values, ReduceOp.Sum);
        }

        group.AllReduce<int>(large, ReduceOp.Max);
        group.Broadcast<int>(shared, ranks / 2);
        group.AllGather<int>(own, gathered);
        for (int run = 0; run < 4; run++)
        {
            foreach (int[] values in small)
            {
                Array.Fill(values, rank + run);
            }

            Array.Fill(large, rank * run);
            Array.Fill(shared, rank == ranks / 2 ? 5 + run : -1);
            Array.Fill(own, (10 * run) + rank);
            if (run % 2 == 0)
            {
                group.Run();
            }
            else
            {
                Assert.Null(Execution.Deadline.Wait(group.RunAsync()));
            }

            Assert.All(small, values => AssertAll(values, (ranks * (ranks - 1) / 2) + (ranks * run)));
            AssertAll(large, (ranks - 1) * run);
            AssertAll(shared, 5 + run);
            for (int block = 0; block < ranks; block++)
            {
                AssertAll(gathered.AsSpan(100 * block, 100), (10 * run) + block);
            }
        }
    });

    /// <summary>Every rank sends a large message to every other, in an order of its own and among its collectives.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Run_TransfersInOtherOrdersOnOtherRanks_CannotWaitForEachOther(int ranks) => groups.Run(ranks, communicator =>
    {
        var random = new Random(communicator.Rank);
        int[] order = [.. Enumerable.Range(0, ranks)];
        random.Shuffle(order);
        int[][] sent = [.. order.Select(_ => new int[30_000])];
        int[][] received = [.. order.Select(_ => new int[30_000])];
        int[] sum = [communicator.Rank];
        using OperationGroup group = communicator.CreateGroup();
        for (int i = 0; i < ranks; i++)
        {
            if (i == communicator.Rank)
            {
                group.AllReduce<int>(sum, ReduceOp.Sum);
            }

            Array.Fill(sent[i], (communicator.Rank * 100) + i);
            int peer = order[i];
            if (random.Next(2) == 0)
            {
                group.Receive<int>(received[peer], peer);
                group.Send<int>(sent[peer], peer);
            }
            else
            {
                group.Send<int>(sent[peer], peer);
                group.Receive<int>(received[peer], peer);
            }
        }

        group.Run();
        Assert.Equal(ranks * (ranks - 1) / 2, sum[0]);
        for (int peer = 0; peer < ranks; peer++)
        {
            AssertAll(received[peer], (peer * 100) + communicator.Rank);
        }
    });

    [Fact]
    public void Dispose_WithoutARun_SendsNothing() => groups.Run(3, communicator =>
    {
        OperationGroup group = communicator.CreateGroup();
        group.Send<int>(new int[7], (communicator.Rank + 1) % 3);
        group.AllReduce<int>(new int[7], ReduceOp.Sum);
        group.Dispose();
        Assert.Throws<ObjectDisposedException>(group.Run);
        int[] sum = [communicator.Rank];
        communicator.AllReduce(sum.AsSpan(), ReduceOp.Sum);
        Assert.Equal(3, sum[0]);
    });

    [Fact]
    public void Run_OfNothing_IsNothing() => groups.Run(2, communicator =>
    {
        using OperationGroup group = communicator.CreateGroup();
        group.Run();
        Assert.Equal(0, group.Count);
        communicator.Barrier();
    });

    [Fact]
    public void Run_CallsThatShareMemory_IsArgumentExceptionAndNothingIsSent() => groups.Run(2, communicator =>
    {
        int[] values = new int[10];
        using OperationGroup group = communicator.CreateGroup();
        group.AllReduce<int>(values.AsMemory(0, 6), ReduceOp.Sum);
        group.Broadcast<int>(values.AsMemory(5, 5), 0);
        Assert.Throws<ArgumentException>(group.Run);
        communicator.Barrier();
    });

    private static void AssertAll(ReadOnlySpan<int> values, int expected) => Assert.Equal(-1, values.IndexOfAnyExcept(expected));
}
