using RdmaCollectives.Tests.Execution;

namespace RdmaCollectives.Tests.Communicators;

/// <summary>Who comes together in a split, who may call it when, and what is left when one of the communicators ends.</summary>
public sealed class SplitTests
{
    private static readonly CommunicatorOptions Options = new() { ChunkBytes = 4096, Timeout = TimeSpan.FromSeconds(20), JoinTimeout = TimeSpan.FromSeconds(20) };

    public static TheoryData<int> RankCounts() => [1, 2, 3, 5, 8];

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Split_RandomColorsAndKeys_EachGroupReducesForItself(int ranks)
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        using LocalGroup group = Communicator.CreateLocalGroup(ranks, Options);
        for (int repeat = 0; repeat < 8; repeat++)
        {
            int[] colors = [.. Enumerable.Range(0, ranks).Select(_ => random.Next(-1, 3))];
            int[] keys = [.. Enumerable.Range(0, ranks).Select(_ => random.Next(-2, 3))];
            string about = $"seed {seed}, repeat {repeat}, colors {string.Join(' ', colors)}, keys {string.Join(' ', keys)}";
            group.Run(communicator =>
            {
                int rank = communicator.Rank;
                using Communicator? part = communicator.Split(colors[rank], keys[rank]);
                Assert.True(part is null == (colors[rank] == Communicator.NoColor), about);
                if (part is not null)
                {
                    int[] members = [.. Enumerable.Range(0, ranks).Where(r => colors[r] == colors[rank]).OrderBy(r => (keys[r], r))];
                    Assert.True(part.WorldSize == members.Length && part.Rank == Array.IndexOf(members, rank), about);
                    Assert.True(part.LocalRank == part.Rank && part.LocalWorldSize == members.Length, about);
                    Assert.True(Sum(part, 1 << rank, 3000) == members.Sum(member => 1 << member), about);
                }

                Assert.True(Sum(communicator, 1 << rank, 10) == (1 << ranks) - 1, about);
            });
        }
    }

    [Fact]
    public void Split_OfASplit_ToAnyDepth()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(8, Options);
        group.Run(world =>
        {
            using Communicator half = world.Split(world.Rank / 4, -world.Rank)!; // 3 2 1 0 and 7 6 5 4
            using Communicator quarter = half.Split(half.Rank / 2, -half.Rank)!; // 2 3, 0 1, 6 7, 4 5
            using Communicator alone = quarter.Split(quarter.Rank, 0)!;
            Assert.Equal(world.Rank % 2, quarter.Rank);
            Assert.Equal((1, 0), (alone.WorldSize, alone.Rank));
            Assert.Equal(world.Rank < 4 ? 0x0F : 0xF0, Sum(half, 1 << world.Rank));
            Assert.Equal(0b11 << (world.Rank / 2 * 2), Sum(quarter, 1 << world.Rank));
            Assert.Equal(1 << world.Rank, Sum(alone, 1 << world.Rank));
            Assert.Equal(0xFF, Sum(world, 1 << world.Rank));
        });
    }

    [Fact]
    public void Split_Asynchronously_SeveralAtOnceWithCallsInBetween_RunInTheirOrder()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(4, Options);
        group.Run(world =>
        {
            int[] before = [world.Rank];
            int[] between = [world.Rank + 10];
            ValueTask first = world.AllReduceAsync(before.AsMemory(), ReduceOp.Sum);
            Task<Communicator?> rows = world.SplitAsync(world.Rank / 2, 0, TestContext.Current.CancellationToken);
            ValueTask second = world.AllReduceAsync(between.AsMemory(), ReduceOp.Sum);
            Task<Communicator?> columns = world.SplitAsync(world.Rank % 2, 0, TestContext.Current.CancellationToken);
            using Communicator reversed = world.Split(0, -world.Rank)!; // waits for those before it
            Assert.True(rows.IsCompleted && columns.IsCompleted);
            using Communicator row = rows.Result!;
            using Communicator column = columns.Result!;
            Assert.Null(Deadline.Wait(first));
            Assert.Null(Deadline.Wait(second));
            Assert.Equal((6, 46), (before[0], between[0]));
            Assert.Equal(world.Rank < 2 ? 0b0011 : 0b1100, Sum(row, 1 << world.Rank));
            Assert.Equal(world.Rank % 2 == 0 ? 0b0101 : 0b1010, Sum(column, 1 << world.Rank));
            Assert.Equal(3 - world.Rank, reversed.Rank);
        });
    }

    [Fact]
    public void Split_NegativeColor_IsRefusedAndThisRankHasNotMadeTheCall()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        group.Run(communicator =>
        {
            foreach (int color in (int[])[-2, int.MinValue])
            {
                Assert.Throws<ArgumentOutOfRangeException>("color", () => communicator.Split(color, 0));
                Assert.Throws<ArgumentOutOfRangeException>("color", () => { _ = communicator.SplitAsync(color, 0); });
            }

            Assert.ThrowsAny<OperationCanceledException>(() => { _ = communicator.SplitAsync(0, 0, new CancellationToken(canceled: true)); });
            using Communicator part = communicator.Split(int.MaxValue, 0)!;
            Assert.Equal(3, Sum(part, part.Rank + 1));
        });
    }

    [Fact]
    public void Split_WhileItWaits_OtherCallsOfTheParentAreInvalidAndQueuedOnesRunOn()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        int[] values = [5];
        ValueTask queued = group[0].AllReduceAsync(values.AsMemory(), ReduceOp.Sum);
        Communicator? part = null;
        Task<Exception?> splitting = Deadline.Start(() => part = group[0].Split(0, 0));
        Thread.Sleep(100);
        Assert.Throws<InvalidOperationException>(() => group[0].AllReduce(new int[1].AsSpan(), ReduceOp.Sum));
        Assert.Throws<InvalidOperationException>(() => group[0].Split(0, 0));
        Assert.Throws<InvalidOperationException>(() => { _ = group[0].SplitAsync(0, 0); });

        group[1].AllReduce(new int[] { 6 }.AsSpan(), ReduceOp.Sum);
        Assert.Null(Deadline.Wait(queued));
        Assert.Equal(11, values[0]);
        Assert.False(splitting.IsCompleted);
        using Communicator other = group[1].Split(0, 0)!;
        Assert.Null(Deadline.Wait(splitting));
        part!.Dispose();
    }

    [Fact]
    public void Split_FromAReducer_IsInvalid()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        ScriptedReducer reducer = ScriptedReducer.Of(() => group[0].Split(0, 0));
        AggregateException e = Assert.Throws<AggregateException>(() => group.Run(communicator => communicator.AllReduce(new int[10].AsSpan(), reducer)));
        Assert.Contains(e.InnerExceptions, one => one is CommunicatorFaultException { Reason: Error.Reducer, InnerException: InvalidOperationException });
    }

    [Fact]
    public void Split_NotAllRanksCall_IsATimeoutOnEveryRankAndNamesTheMissing()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(3, new CommunicatorOptions { JoinTimeout = TimeSpan.FromSeconds(1), Timeout = TimeSpan.FromSeconds(20) });
        Task<Exception?>[] early = [.. Enumerable.Range(0, 2).Select(rank => Deadline.Start(() => group[rank].Split(0, 0)))];
        Task<Exception?> elsewhere = Deadline.Start(() => group[2].AllReduce(new int[1].AsSpan(), ReduceOp.Sum));
        foreach (Task<Exception?> split in early)
        {
            CommunicatorFaultException e = Assert.IsType<CommunicatorFaultException>(Deadline.Wait(split));
            Assert.Equal(Error.Timeout, e.Reason);
            Assert.Contains("Rank 2 of 3", e.Message, StringComparison.Ordinal);
        }

        Assert.Equal(Error.Timeout, Assert.IsType<CommunicatorFaultException>(Deadline.Wait(elsewhere)).Reason);
    }

    [Fact]
    public void Split_AbortOfTheParentMeanwhile_EndsItOnEveryRank()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(3, Options);
        Task<Exception?>[] splitting = [.. Enumerable.Range(0, 2).Select(rank => Deadline.Start(() => group[rank].Split(0, 0)))];
        Thread.Sleep(50);
        group[2].Abort();
        Assert.All(splitting, split => Assert.Equal(Error.Aborted, Assert.IsType<CommunicatorFaultException>(Deadline.Wait(split)).Reason));
    }

    [Fact]
    public void Split_CanceledMeanwhile_IsAFaultOfTheParentOnEveryRank()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(3, Options);
        using var cancel = new CancellationTokenSource();
        Task<Communicator?> canceled = group[0].SplitAsync(0, 0, cancel.Token);
        Task<Exception?> other = Deadline.Start(() => group[1].Split(0, 0));
        Thread.Sleep(50);
        cancel.Cancel();
        Deadline.Until(() => canceled.IsCompleted);
        Assert.Equal(cancel.Token, Assert.Throws<OperationCanceledException>(() => canceled.GetAwaiter().GetResult()).CancellationToken);
        Assert.Equal(Error.Canceled, Assert.IsType<CommunicatorFaultException>(Deadline.Wait(other)).Reason);
        Assert.Equal(Error.Canceled, Assert.Throws<CommunicatorFaultException>(() => group[2].Split(0, 0)).Reason);
    }

    [Fact]
    public void Dispose_OfTheParentWhileASplitIsPending_WaitsForItUpToTheDeadline()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, new CommunicatorOptions { Timeout = TimeSpan.FromMilliseconds(300) });
        Task<Communicator?> pending = group[0].SplitAsync(0, 0, TestContext.Current.CancellationToken);
        Assert.Null(Deadline.Wait(Deadline.Start(group[0].Dispose)));
        Deadline.Until(() => pending.IsCompleted);
        Assert.Equal(Error.Timeout, Assert.IsType<CommunicatorFaultException>(pending.Exception!.InnerException).Reason);
        Assert.Throws<ObjectDisposedException>(() => group[0].Split(0, 0));
        Assert.Throws<ObjectDisposedException>(() => { _ = group[0].SplitAsync(0, 0); });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Dispose_OfParentAndSplitInEitherOrder_LeavesTheOtherAtWork(bool parentFirst)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(3, Options);
        group.Run(world =>
        {
            using Communicator part = world.Split(0, -world.Rank)!;
            Communicator first = parentFirst ? world : part;
            Communicator second = parentFirst ? part : world;
            Assert.Equal(7, Sum(first, 1 << world.Rank));
            first.Dispose();
            Assert.Throws<ObjectDisposedException>(() => first.AllReduce(new int[1].AsSpan(), ReduceOp.Sum));
            Assert.Equal(7, Sum(second, 1 << world.Rank, 5000));
            if (parentFirst)
            {
                using Communicator partOfPart = part.Split(part.Rank % 2, 0)!; // rank 1 is alone in it
                Assert.Equal(part.Rank == 1 ? 0b010 : 0b101, Sum(partOfPart, 1 << world.Rank));
            }
        });
    }

    [Fact]
    public void Allocate_BuffersOfParentAndSplit_WorkInEither()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(4, Options);
        group.Run(world =>
        {
            using Communicator part = world.Split(world.Rank % 2, 0)!;
            using RegisteredBuffer<int> ofWorld = world.Allocate<int>(3000);
            using RegisteredBuffer<int> ofPart = part.Allocate<int>(3000);
            foreach (RegisteredBuffer<int> buffer in (RegisteredBuffer<int>[])[ofWorld, ofPart])
            {
                buffer.Span.Fill(1 << world.Rank);
                part.AllReduce(buffer.Span, ReduceOp.Sum);
                Assert.Equal(-1, buffer.Span.IndexOfAnyExcept(world.Rank % 2 == 0 ? 0b0101 : 0b1010));
                buffer.Span.Fill(1 << world.Rank);
                world.AllReduce(buffer.Span, ReduceOp.Sum);
                Assert.Equal(-1, buffer.Span.IndexOfAnyExcept(0b1111));
            }
        });
    }

    private static int Sum(Communicator communicator, int value, int count = 1)
    {
        int[] values = new int[count];
        Array.Fill(values, value);
        communicator.AllReduce(values.AsSpan(), ReduceOp.Sum);
        Assert.Equal(-1, values.AsSpan().IndexOfAnyExcept(values[0]));
        return values[0];
    }
}
