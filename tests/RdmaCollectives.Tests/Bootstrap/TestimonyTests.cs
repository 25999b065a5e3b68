using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Timing;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>What ranks tell each other of a fault: as bytes, and what comes of it.</summary>
public sealed class TestimonyTests
{
    private static readonly CallDescription Call = new() { Kind = CallKind.Broadcast, DataType = 7, ReduceOp = CallDescription.NoReduction, ElementSize = 4, ElementCount = 5, Sequence = 77, Epoch = 1, Name = "é/中" };

    [Fact]
    public void Read_OfWhatWasWritten_IsTheSame()
    {
        Fault fault = SomeFault(Error.Mismatch, reporter: 2, peer: 1) with { Call = Call, PeerCall = Call with { Root = 3 }, NativeError = -4, IsProven = true };
        RankStatus status = new()
        {
            IsInCall = true,
            Call = Call,
            Asked = Call with { Sequence = 76 },
            For = TimeSpan.FromMilliseconds(1234),
            LastCompleted = 75,
            Queued = 9,
            Blockage = new Blockage(5, [new AwaitedMessage(1, AwaitKind.Credit, 3, 2, 4_000_000_000, 64)], [new MessageCount(3, 2, 7, 8), new MessageCount(1, 0, 1, 0)]),
        };
        (Fault first, RankStatus? told) = Testimony.Read(Testimony.Write(fault, status), worldSize: 4);
        Assert.Equal(fault, first);
        Assert.Equal(status with { Blockage = null }, told! with { Blockage = null });
        Assert.Equal(status.Blockage.Number, told.Blockage!.Number);
        Assert.Equal(status.Blockage.Awaited, told.Blockage.Awaited);
        Assert.Equal(status.Blockage.Counts, told.Blockage.Counts);
        Assert.Null(Testimony.Read(Testimony.Write(fault, null), worldSize: 4).Status);
    }

    /// <summary>Cut anywhere, or with any byte changed: read as something, or refused; never another exception.</summary>
    [Fact]
    public void Read_OfDamagedBytes_IsReadOrRefused()
    {
        byte[] bytes = Testimony.Write(SomeFault(Error.PeerDied, 0, 1) with { Call = Call }, new RankStatus { IsInCall = true, Call = Call, Elsewhere = Call, Blockage = new Blockage(5, [new AwaitedMessage(0, AwaitKind.Receive, 1, 0, 0, 8)], [new MessageCount(1, 0, 1, 0)]) });
        for (int length = 0; length < bytes.Length; length++)
        {
            Try(bytes[..length]);
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            foreach (byte value in (byte[])[0, 1, 0x7f, 0x80, 0xff])
            {
                byte[] damaged = [.. bytes];
                damaged[i] = value;
                Try(damaged);
            }
        }

        static void Try(byte[] damaged)
        {
            Exception? error = Record.Exception(() => Testimony.Read(damaged, worldSize: 4));
            Assert.True(error is null or CollectiveException { Error: Error.Protocol }, $"{error}");
        }
    }

    [Fact]
    public void Read_OfAFaultOfARankThatThereIsNot_IsRefused() =>
        Assert.Throws<CollectiveException>(() => Testimony.Read(Testimony.Write(SomeFault(Error.PeerDied, 0, 4), null), worldSize: 4));

    /// <summary>Whatever order they come in, and whoever hears them: the least.</summary>
    [Fact]
    public void TryClose_InAnyOrder_IsTheFaultNearestToTheCause()
    {
        Fault[] faults =
        [
            SomeFault(Error.Transport, 0, 3), SomeFault(Error.Timeout, 1, -1), SomeFault(Error.PeerDied, 2, 3), SomeFault(Error.Transport, 3, 0),
        ];
        foreach (int start in (int[])[0, 1, 2, 3])
        {
            var state = new FaultState();
            var inquest = new Inquest(0, 4, state, Pace.Real);
            state.TrySet(faults[start]);
            for (int i = 0; i < 4; i++)
            {
                Assert.Null(inquest.TryClose());
                int from = (start + i) % 4;
                inquest.Hear(from, faults[from], null);
            }

            Assert.Equal(Error.PeerDied, inquest.TryClose()!.Error);
            Assert.Equal(Error.PeerDied, state.Current!.Error);
        }
    }

    /// <summary>The proof of a death is nearer to the cause than the suspicion of another, which is nearer than a mismatch.</summary>
    [Fact]
    public void Order_IsProofThenSuspicionThenMismatchThenTheRest()
    {
        Fault[] ordered =
        [
            SomeFault(Error.PeerDied, 1, 3) with { IsProven = true }, SomeFault(Error.PeerDied, 0, 2), SomeFault(Error.Mismatch, 0, 1), SomeFault(Error.PeerLeft, 0, 1), SomeFault(Error.Reducer, 0, 0),
            SomeFault(Error.Aborted, 0, 0), SomeFault(Error.Timeout, 1, 1), SomeFault(Error.Transport, 0, 1), SomeFault(Error.ControlPlane, 0, -1),
        ];
        Assert.Equal(ordered, ordered.Reverse().Order(FaultOrder.Instance));
    }

    [Fact]
    public void TryClose_WithARankThatSaysNothing_WaitsForItSoLongAndNoLonger()
    {
        var state = new FaultState();
        var inquest = new Inquest(0, 2, state, Pace.Real);
        state.TrySet(SomeFault(Error.Aborted, 0, 0));
        inquest.Hear(0, state.First!, new RankStatus { IsInCall = false });
        Assert.Null(inquest.TryClose());
        Thread.Sleep(Inquest.Patience + TimeSpan.FromMilliseconds(20));
        Fault verdict = inquest.TryClose()!;
        Assert.Equal([RankActivity.OwnCode, RankActivity.Silent], verdict.Ranks.Select(rank => rank.Activity));
    }

    [Fact]
    public void TryClose_WhenAllHaveSpokenWhoAreThere_WaitsForNobody()
    {
        var state = new FaultState();
        var inquest = new Inquest(0, 3, state, Pace.Real);
        Fault death = SomeFault(Error.PeerDied, -1, 1) with { IsProven = true };
        state.TrySet(death);
        inquest.Died(death);
        inquest.Left(2);
        inquest.Hear(0, death, null);
        Assert.Equal([RankActivity.Silent, RankActivity.Dead, RankActivity.Left], inquest.TryClose()!.Ranks.Select(rank => rank.Activity));
    }

    /// <summary>All others take the verdict of the lowest rank, so that what came too late for one of them is no difference.</summary>
    [Fact]
    public void TryClose_WhereAnotherHasTheChair_TakesItsVerdict()
    {
        var state = new FaultState();
        var inquest = new Inquest(1, 3, state, Pace.Real);
        state.TrySet(SomeFault(Error.Timeout, 1, 1));
        inquest.Hear(1, state.First!, null);
        inquest.Hear(0, state.First!, null);
        inquest.Hear(2, SomeFault(Error.PeerDied, 2, 2), null);
        Assert.Null(inquest.TryClose());
        Fault verdict = Verdict.Of(SomeFault(Error.Timeout, 1, 1), new RankStatus?[3], new RankActivity?[3]);
        inquest.Adopt(VerdictCodec.Read(VerdictCodec.Write(verdict), 3));
        Assert.Equal(Error.Timeout, inquest.TryClose()!.Error);
        Assert.Equal(verdict.Ranks, inquest.TryClose()!.Ranks);
        Assert.False(inquest.TakeAnnouncement());
    }

    [Fact]
    public void TryClose_WhereTheChairSaysNothing_FindsTheVerdictItself()
    {
        var state = new FaultState();
        var inquest = new Inquest(1, 3, state, Pace.Real);
        state.TrySet(SomeFault(Error.Timeout, 1, 1));
        inquest.Hear(1, state.First!, null);
        inquest.Hear(2, state.First!, null);
        Thread.Sleep(Inquest.Patience + TimeSpan.FromMilliseconds(20));
        Assert.Equal(Error.Timeout, inquest.TryClose()!.Error); // rank 0 has not spoken: this is the lowest rank that has
        Assert.True(inquest.TakeAnnouncement());
        Assert.False(inquest.TakeAnnouncement());
    }

    private static Fault SomeFault(Error error, int reporter, int peer) => new() { Error = error, Reporter = reporter, Peer = peer, Message = $"{error} größer", When = DateTimeOffset.UnixEpoch };
}
