using System.Diagnostics;

namespace RdmaCollectives.Tests.Collectives;

/// <summary>Ranks that wait for each other and exchange no message by which they could notice: every rank is told, soon, with the calls. And ranks that only wait long are told nothing.</summary>
public sealed class CircleTests
{
    /// <summary>What the library promises, and as much again for a busy machine.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    /// <summary>By rank; those beyond the last do what the last does.</summary>
    private static readonly Dictionary<string, (int Ranks, Action<Communicator>[] Calls)> s_circles = new(StringComparer.Ordinal)
    {
        ["both receive"] = (2, [c => c.Receive(Values(7), 1), c => c.Receive(Values(7), 0)]),
        ["both send more than is taken"] = (2, [c => c.Send<int>(Values(100_000), 1), c => c.Send<int>(Values(100_000), 0)]),
        ["three receive in a circle"] = (3, [c => c.Receive(Values(7), 1), c => c.Receive(Values(7), 2), c => c.Receive(Values(7), 0)]),
        ["three send in a circle"] = (3, [c => c.Send<int>(Values(100_000), 1), c => c.Send<int>(Values(100_000), 2), c => c.Send<int>(Values(100_000), 0)]),
        ["a send to one who receives from another"] = (3, [c => c.Send<int>(Values(100_000), 1), c => c.Receive(Values(7), 2), c => c.Receive(Values(7), 0)]),
        ["a receive against a collective"] = (3, [c => c.Receive(Values(7), 1), c => c.Reduce(Values(7), ReduceOp.Sum, 0), c => c.Reduce(Values(7), ReduceOp.Sum, 0)]),
        ["a receive from one who is in a barrier"] = (2, [c => c.Receive(Values(7), 1), c => c.Barrier()]),
        ["both leaf"] = (2, [c => c.Broadcast(Values(7), 1), c => c.Broadcast(Values(7), 0)]),
        ["both root of a small broadcast, found by their next call"] = (2, [c => c.Broadcast(Values(7), 0), c => c.Broadcast(Values(7), 1)]),
        ["order of two collectives"] = (2, [c => Both(() => c.Broadcast(Values(7), 0), () => c.Gather<int>(Values(7), Values(14), 1)), c => Both(() => c.Gather<int>(Values(7), Values(14), 1), () => c.Broadcast(Values(7), 0))]),
        ["both root of a large broadcast"] = (2, [c => c.Broadcast(Values(100_000), 0), c => c.Broadcast(Values(100_000), 1)]),
        ["three roots"] = (3, [c => c.Broadcast(Values(7), 1), c => c.Broadcast(Values(7), 2), c => c.Broadcast(Values(7), 0)]),
        ["barrier against broadcast"] = (3, [c => c.Barrier(), c => c.Broadcast(Values(7), 0), c => c.Broadcast(Values(7), 0)]),
        ["two receives from any rank"] = (2, [c => c.ReceiveAny(Values(7)), c => c.ReceiveAny(Values(7))]),
        ["three receives from any rank"] = (3, [c => c.ReceiveAny(Values(7)), c => c.ReceiveAny(Values(7)), c => c.Receive(Values(7), 0)]),
        ["a group against a receive"] = (2, [c => Group(c, 1), c => c.Receive(Values(7), 0)]),
        ["one waits for a circle"] = (3, [c => c.Receive(Values(7), 1), c => c.Receive(Values(7), 0), c => c.Receive(Values(7), 0)]),
    };

    public static TheoryData<string> Circles() => [.. s_circles.Keys];

    [Theory]
    [MemberData(nameof(Circles))]
    public void Calls_ThatWaitForEachOther_AreAMismatchOnEveryRankSoon(string about)
    {
        (int ranks, Action<Communicator>[] calls) = s_circles[about];
        for (int attempt = 1; ; attempt++)
        {
            using LocalGroup group = Communicator.CreateLocalGroup(ranks, new CommunicatorOptions { ChunkBytes = 4096, Timeout = TimeSpan.FromSeconds(30) });
            var errors = new Exception?[ranks];
            long start = Stopwatch.GetTimestamp();
            group.Run(communicator => errors[communicator.Rank] = Record.Exception(() =>
            {
                calls[Math.Min(communicator.Rank, calls.Length - 1)](communicator);
                communicator.Barrier(); // of those whose part is in a slot, and who go on
            }));
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            foreach (Exception? error in errors)
            {
                var mismatch = Assert.IsType<CollectiveMismatchException>(error);
                Assert.Equal(errors[0]!.Message, mismatch.Message);
                Assert.NotNull(mismatch.PeerCall);
                Assert.Equal(ranks, mismatch.RankStates.Count);
            }

            if (took < Soon || attempt == 3)
            {
                Assert.True(took < Soon, $"It took {took} at the best of three attempts (a busy machine gets some).");
                return;
            }
        }
    }

    /// <summary>A rank that stays away for long is late and nothing else, whoever waits for it, and whoever waits for these.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Calls_BehindALateRank_AreNoMismatch(int ranks)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(ranks, new CommunicatorOptions { ChunkBytes = 4096, Channels = 2, Timeout = TimeSpan.FromSeconds(30) });
        group.Run(communicator =>
        {
            int last = communicator.WorldSize - 1;
            Late(communicator, last);
            communicator.AllReduce(Values(100_000), ReduceOp.Sum);
            Late(communicator, 0);
            communicator.Broadcast(Values(100_000), 0);
            Late(communicator, 0);
            if (communicator.Rank == 0)
            {
                communicator.Send<int>(Values(7), last);
            }
            else if (communicator.Rank == last)
            {
                communicator.ReceiveAny(Values(7));
            }

            communicator.Barrier();
        });
    }

    private static void Late(Communicator communicator, int who)
    {
        if (communicator.Rank == who)
        {
            Thread.Sleep(700);
        }
    }

    private static void Group(Communicator communicator, int peer)
    {
        OperationGroup group = communicator.CreateGroup();
        group.Receive<int>(new int[7], peer);
        group.Receive<int>(new int[9], peer);
        group.Run();
    }

    private static void Both(Action first, Action second)
    {
        first();
        second();
    }

    private static Span<int> Values(int count) => new int[count];
}
