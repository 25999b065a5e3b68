using RdmaCollectives.Testing;

namespace RdmaCollectives.Tests.Collectives;

/// <summary>The pre-multiplied sum through whole calls: each rank's factor is applied once, to its own elements, and its send buffer stays as it is.</summary>
public sealed class PreMultipliedSumTests(LocalGroups groups) : IClassFixture<LocalGroups>
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 1)]
    [InlineData(3, 5000)]
    [InlineData(5, 700)]
    public void EveryReduction_WithAFactorPerRank_SumsTheProducts(int ranks, int count) => groups.Run(ranks, communicator =>
    {
        int factor = communicator.Rank + 2;
        var reducer = new PreMultipliedSum<int>(factor);
        int[] send = Input(communicator.Rank, count * ranks);
        int[] kept = [.. send];

        int[] all = new int[send.Length];
        communicator.AllReduce<int, PreMultipliedSum<int>>(send, all, reducer);
        Assert.Equal(Expected(ranks, 0, send.Length), all);

        int[] inPlace = [.. send];
        Assert.True(communicator.AllReduceAsync<int, PreMultipliedSum<int>>(inPlace, inPlace, reducer).AsTask().Wait(TimeSpan.FromSeconds(30)));
        Assert.Equal(Expected(ranks, 0, send.Length), inPlace);

        int root = ranks - 1;
        int[] atRoot = new int[send.Length];
        communicator.Reduce<int, PreMultipliedSum<int>>(send, atRoot, reducer, root);
        Assert.Equal(communicator.Rank == root ? Expected(ranks, 0, send.Length) : new int[send.Length], atRoot);

        int[] block = new int[count];
        communicator.ReduceScatter<int, PreMultipliedSum<int>>(send, block, reducer);
        Assert.Equal(Expected(ranks, communicator.Rank * count, count), block);

        Assert.Equal(kept, send);
        communicator.Barrier();
    });

    [Fact]
    public void AllReduce_InAGroup_AppliesTheFactorInEveryRun() => groups.Run(3, communicator =>
    {
        int[] send = Input(communicator.Rank, 100);
        int[] receive = new int[100];
        using OperationGroup group = communicator.CreateGroup();
        group.AllReduce<int, PreMultipliedSum<int>>(send, receive, new PreMultipliedSum<int>(communicator.Rank + 2));
        for (int run = 0; run < 3; run++)
        {
            Array.Clear(receive);
            group.Run();
            Assert.Equal(Expected(3, 0, 100), receive);
        }
    });

    private static int[] Input(int rank, int length) => [.. Enumerable.Range(0, length).Select(i => Element(rank, i))];

    private static int Element(int rank, int index) => (rank * 7) + (index % 13);

    private static int[] Expected(int ranks, int first, int count) =>
        [.. Enumerable.Range(first, count).Select(i => Enumerable.Range(0, ranks).Sum(rank => (rank + 2) * Element(rank, i)))];
}
