using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>Control planes of groups of ranks, over sockets and in process: what belongs to one is not seen in another, and what concerns a process is seen in all.</summary>
public sealed class ScopeTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(300);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Split_RandomColorsAndKeys_GroupsAndOrdersAsAskedFor(bool local)
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        using TestWorld world = TestWorld.Create(7, local);
        for (int repeat = 0; repeat < 30; repeat++)
        {
            int[] colors = [.. Enumerable.Range(0, 7).Select(_ => random.Next(-1, 3))];
            int[] keys = [.. Enumerable.Range(0, 7).Select(_ => random.Next(4) switch { 0 => int.MinValue, 1 => int.MaxValue, _ => random.Next(-2, 3) })];
            string about = $"seed {seed}, repeat {repeat}, colors {string.Join(' ', colors)}, keys {string.Join(' ', keys)}";
            ulong[] scopes = Ranks.Run(7, rank =>
            {
                IControlPlane? part = world.Planes[rank].Split(colors[rank], keys[rank], TestWorld.Wait);
                if (colors[rank] < 0)
                {
                    Assert.True(part is null, about);
                    return 0UL;
                }

                // Sent at once: some members are not there yet.
                int[] members = [.. Enumerable.Range(0, 7).Where(r => colors[r] == colors[rank]).OrderBy(r => (keys[r], r))];
                byte[][] parts = part!.AllGather([(byte)rank], TestWorld.Wait);
                Assert.True(parts.SelectMany(p => p).SequenceEqual(members.Select(m => (byte)m)), about);
                Assert.True(part.Rank == Array.IndexOf(members, rank) && part.WorldSize == members.Length, about);
                part.StandAlone();
                part.Leave();
                part.Dispose();
                return part.Scope;
            });
            foreach (int color in colors.Where(color => color >= 0))
            {
                Assert.Single(scopes.Where((_, rank) => colors[rank] == color).Distinct());
            }

            Assert.Equal(colors.Where(color => color >= 0).Distinct().Count(), scopes.Where(scope => scope != 0).Distinct().Count());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Frames_OfSeveralScopesAtOnce_StayInTheirOwn(bool local)
    {
        const int Rounds = 40;
        using TestWorld world = TestWorld.Create(4, local);
        using var parts = Parts.Of(world, rank => rank % 2, rank => -rank); // 2 0 and 3 1
        Ranks.Run(8, thread =>
        {
            int rank = thread % 4;
            IControlPlane plane = thread < 4 ? world.Planes[rank] : parts[rank];
            for (int round = 0; round < Rounds; round++)
            {
                byte[] mine = [(byte)thread, (byte)round];
                byte[][] all = plane.AllGather(mine, TestWorld.Wait);
                Assert.Equal(mine, all[plane.Rank]);
                Assert.All(all, blob => Assert.True(blob[0] / 4 == thread / 4 && blob[1] == round));
                int next = (plane.Rank + 1) % plane.WorldSize;
                plane.SendToPeer(next, 7, mine);
                int previous = (plane.Rank + plane.WorldSize - 1) % plane.WorldSize;
                Assert.Equal(all[previous], plane.ReceiveFromPeer(previous, 7, TestWorld.Wait));
            }
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Report_InAScope_ReachesItsMembersInTheirRanksAndNobodyElse(bool local)
    {
        using TestWorld world = TestWorld.Create(4, local);
        using var parts = Parts.Of(world, rank => rank % 2, rank => -rank);
        int arrived = 0;
        parts[1].FaultArrived = () => Interlocked.Increment(ref arrived);
        parts[3].Report(new Fault { Error = Error.Reducer, Reporter = parts[3].Rank, Peer = 1, Message = "The reducer threw." });
        Ranks.Await(() => parts[1].Faults.IsSet && Volatile.Read(ref arrived) == 1, "the fault");
        Assert.Equal((Error.Reducer, 0, 1), (parts[1].Faults.Current!.Error, parts[1].Faults.Current!.Reporter, parts[1].Faults.Current!.Peer));
        Ranks.Run(4, rank => Assert.Equal(4, world.Planes[rank].AllGather([], TestWorld.Wait).Length)); // whatever else was under way has come
        Assert.All(world.Planes, plane => Assert.False(plane.Faults.IsSet));
        Assert.False(parts[0].Faults.IsSet || parts[2].Faults.IsSet);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Report_OnTheParent_LeavesItsPartsAlone(bool local)
    {
        using TestWorld world = TestWorld.Create(4, local);
        using var parts = Parts.Of(world, rank => rank % 2, rank => 0);
        world.Planes[0].Report(new Fault { Error = Error.Aborted, Reporter = 0, Peer = 0, Message = "Rank 0 aborted." });
        Ranks.Await(() => Array.TrueForAll(world.Planes, plane => plane.Faults.IsSet), "the fault");
        Ranks.Run(4, rank => Assert.Equal(2, parts[rank].AllGather([], TestWorld.Wait).Length));
        Assert.All(parts.Planes, plane => Assert.False(plane!.Faults.IsSet));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ask_InAScope_AsksTheMemberOfThatScope(bool local)
    {
        using TestWorld world = TestWorld.Create(4, local);
        using var parts = Parts.Of(world, rank => rank % 2, rank => -rank);
        var call = new CallDescription { Kind = CallKind.AllReduce, DataType = 7, ReduceOp = 0, ElementCount = 1024, Sequence = 12 };
        world.Planes[2].StatusOf = _ => new RankStatus { IsInCall = false, Asked = call with { ElementCount = 1 } };
        parts[2].StatusOf = _ => new RankStatus { IsInCall = false, Asked = call };
        Assert.Equal(call, TestWorld.Ask(parts[0], 0, 12)?.Asked);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Death_OfAProcess_IsAFaultWhereItIsAMemberAndNowhereElse(bool local)
    {
        using TestWorld world = TestWorld.Create(6, local);
        using var rows = Parts.Of(world, rank => rank / 3, rank => 0);
        using var columns = Parts.Of(world, rank => rank % 3, rank => 0);
        using var nested = Parts.Of(rows.Planes, rank => rank % 3 == 0 ? 1 : 0, rank => -rank); // 2 1, 5 4, and 0 and 3 alone
        foreach (IControlPlane plane in (IControlPlane[])[nested[4], columns[4], rows[4], world.Planes[4]])
        {
            plane.Dispose(); // without a goodbye
        }

        IControlPlane[] stricken = [.. world.Planes.Where((_, rank) => rank != 4), rows[3], rows[5], columns[1], nested[5]];
        foreach (IControlPlane plane in stricken)
        {
            Ranks.Await(() => plane.Faults.IsSet, "the death");
            Assert.Equal(Error.PeerDied, plane.Faults.Current!.Error);
        }

        Assert.Equal((4, 1, 1, 1), (world.Planes[0].Faults.Current!.Peer, rows[3].Faults.Current!.Peer, columns[1].Faults.Current!.Peer, nested[5].Faults.Current!.Peer));
        Assert.Contains("Rank 4 of the job is rank 1 of this communicator", rows[3].Faults.Current!.Message, StringComparison.Ordinal);
        IControlPlane[] sound = [rows[0], rows[1], rows[2], columns[0], columns[2], columns[3], columns[5], nested[0], nested[1], nested[2], nested[3]];
        Assert.All(sound, plane => Assert.False(plane.Faults.IsSet));
        Ranks.Run(3, rank => Assert.Equal(3, rows[rank].AllGather([], TestWorld.Wait).Length));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Leave_OfTheParent_IsALeaveThereAndNoneInThePart(bool local)
    {
        using TestWorld world = TestWorld.Create(3, local);
        using var parts = Parts.Of(world, rank => rank == 2 ? 1 : 0, rank => -rank);
        world.Planes[1].Leave();
        world.Planes[1].Dispose();
        Ranks.Await(() => world.Planes[0].HasLeft(1) && world.Planes[2].HasLeft(1), "the goodbye");
        Ranks.Run(2, rank => Assert.Equal(2, parts[rank].AllGather([], TestWorld.Wait).Length));
        Assert.False(parts[0].HasLeft(0));

        // It dies now: that is nothing to a communicator that it had left.
        parts[1].Dispose();
        Ranks.Await(() => parts[0].Faults.IsSet, "the death");
        Assert.False(world.Planes[0].Faults.IsSet);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Leave_OfThePartAndThenTheParent_IsAGoodbyeOfTheProcess(bool local)
    {
        using TestWorld world = TestWorld.Create(3, local);
        using var parts = Parts.Of(world, rank => 0, rank => -rank);
        parts[2].Leave();
        parts[2].Dispose();
        Ranks.Await(() => parts[0].HasLeft(0), "the goodbye of the part");
        Assert.False(world.Planes[0].HasLeft(2));
        world.Planes[2].Leave();
        world.Planes[2].Dispose();
        Ranks.Await(() => world.Planes[0].HasLeft(2), "the goodbye of the process");
        Thread.Sleep(100);
        Assert.False(world.Planes[0].Faults.IsSet || parts[0].Faults.IsSet);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Split_OneRankDoesNotCall_IsATimeoutThatNamesItOnAll(bool local)
    {
        using TestWorld world = TestWorld.Create(3, local);
        Ranks.Run(2, rank =>
        {
            CommunicatorFaultException e = Assert.Throws<CommunicatorFaultException>(() => world.Planes[rank].Split(0, 0, Soon));
            Assert.Equal(Error.Timeout, e.Reason);
            Assert.Contains("Rank 2 of 3", e.Message, StringComparison.Ordinal);
        });
        Ranks.Await(() => world.Planes[2].Faults.IsSet, "the fault");
        Assert.Equal(Error.Timeout, Assert.Throws<CommunicatorFaultException>(() => world.Planes[2].Split(0, 0, TestWorld.Wait)).Reason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Split_ParentFailsBeforeThePartStandsAlone_EndsThePart(bool local)
    {
        using TestWorld world = TestWorld.Create(4, local);
        IControlPlane[] parts = Ranks.Run(4, rank => world.Planes[rank].Split(rank % 2, 0, TestWorld.Wait)!);
        Task<CommunicatorFaultException> waits = Task.Factory.StartNew(() => Assert.Throws<CommunicatorFaultException>(() => parts[0].AllGather([], TestWorld.Wait)), TaskCreationOptions.LongRunning);
        world.Planes[3].Report(new Fault { Error = Error.Canceled, Reporter = 3, Peer = 2, Message = "Rank 3 cancelled it." });
        Assert.True(waits.Wait(Ranks.Deadline));
        Assert.Equal((Error.Canceled, 1), (waits.Result.Reason, waits.Result.Peer)); // rank 2 there is rank 1 here
        Ranks.LeaveAll(parts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Split_AMemberDiesBeforeItIsOpened_IsAFaultFromTheBeginning(bool local)
    {
        using TestWorld world = TestWorld.Create(2, local);
        Task<IControlPlane?> late = Task.Factory.StartNew(() => world.Planes[0].Split(0, 0, TestWorld.Wait), TaskCreationOptions.LongRunning);
        Thread.Sleep(50);
        world.Planes[1].Dispose();
        AggregateException e = Assert.Throws<AggregateException>(() => late.Wait(Ranks.Deadline));
        Assert.Equal(Error.PeerDied, Assert.IsType<CommunicatorFaultException>(e.InnerException).Reason);
    }

    [Fact]
    public void HostedByRankZero_ItLeavesTheWorldAndThenThePart_ServesUntilTheLastHasLeft()
    {
        int port = RawPeer.FreePort();
        IControlPlane[] planes = Ranks.Run(3, rank => WorldJoin.Join(Ranks.Options(rank, 3, port) with { RankZeroHostsRendezvous = true }));
        var parts = Parts.Of(planes, rank => 0, rank => -rank);
        Ranks.LeaveAll(planes);
        Ranks.Run(3, rank => Assert.Equal(3, parts[rank].AllGather([], TestWorld.Wait).Length));
        Ranks.LeaveAll([parts[0]]);
        parts[1].SendToPeer(0, 4, [8]);
        Assert.Equal([8], parts[2].ReceiveFromPeer(1, 4, TestWorld.Wait));
        Ranks.LeaveAll([parts[1], parts[2]]);
    }

    [Fact]
    public void HostedByRankZero_ItDies_IsADeathForItsMembersAndNothingForOthers()
    {
        int port = RawPeer.FreePort();
        IControlPlane[] planes = Ranks.Run(4, rank => WorldJoin.Join(Ranks.Options(rank, 4, port) with { RankZeroHostsRendezvous = true }));
        using var parts = Parts.Of(planes, rank => rank / 2, rank => -rank);
        parts[0].Dispose();
        planes[0].Dispose();
        foreach (int rank in (int[])[1, 2, 3])
        {
            Ranks.Await(() => planes[rank].Faults.IsSet && (rank != 1 || parts[rank].Faults.IsSet), "the death of rank 0");
        }

        Assert.Equal((Error.PeerDied, 1), (parts[1].Faults.Current!.Error, parts[1].Faults.Current!.Peer));
        Ranks.Run(2, i => Assert.Equal(2, parts[2 + i].AllGather([], TestWorld.Wait).Length)); // the rendezvous went with it, and is not missed
        Assert.False(parts[2].Faults.IsSet || parts[3].Faults.IsSet);
        Ranks.LeaveAll(planes[1..]);
    }

    /// <summary>The control planes that a split of all ranks gives.</summary>
    private sealed class Parts : IDisposable
    {
        private Parts(IControlPlane[] planes) => Planes = planes;

        public IControlPlane[] Planes { get; }

        public IControlPlane this[int rank] => Planes[rank];

        public static Parts Of(TestWorld world, Func<int, int> color, Func<int, int> key) => Of(world.Planes, color, key);

        public static Parts Of(IControlPlane[] planes, Func<int, int> color, Func<int, int> key) => new(Ranks.Run(planes.Length, rank =>
        {
            IControlPlane part = planes[rank].Split(color(rank), key(rank), TestWorld.Wait)!;
            part.AllGather([], TestWorld.Wait); // open everywhere
            part.StandAlone();
            return part;
        }));

        public void Dispose() => Ranks.LeaveAll(Planes);
    }
}
