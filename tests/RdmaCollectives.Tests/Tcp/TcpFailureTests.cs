using RdmaCollectives.Execution;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.Tcp;

namespace RdmaCollectives.Tests.Tcp;

public sealed unsafe class TcpFailureTests
{
    private const int ConnectionReset = 104;

    [Fact]
    public void TryReceive_PeerHasClosed_GivesWhatItSentThenFails()
    {
        using TcpWorld world = TcpWorld.Create();
        Assert.True(world[1, 0].TryGetSendSlot() != null);
        world[1, 0].Send(new MessageHeader { Sequence = 9, ByteCount = 0 });
        world.Transports[1].Dispose();
        MessageHeader header = default;
        TcpWorld.Until(() => world[0, 1].TryReceive(out header, out _), "the last message", world.Transports[0]);
        Assert.Equal(9u, header.Sequence);
        Assert.Null(world.Transports[0].Failure);
        world[0, 1].Release();

        Assert.False(world[0, 1].TryReceive(out _, out _));
        TransportFailure failure = Assert.IsType<TransportFailure>(world.Transports[0].Failure);
        Assert.Equal((1, 0, true), (failure.Peer, failure.NativeError, failure.ConnectionEnded));
        Assert.True(failure.WasClosedThere);
        Assert.Contains("rank 1 closed", failure.Message);
        Assert.True(world[0, 1].TryGetSendSlot() == null);
    }

    [Fact]
    public void TryReceiveInto_PeerResets_FailsWithItsErrno()
    {
        using TcpWorld world = TcpWorld.Create();
        using NativeBlock destination = new(64);
        Assert.True(world[0, 1].TryGetSendSlot() != null);
        world[0, 1].Send(new MessageHeader { ByteCount = 100 });
        Thread.Sleep(50);

        // Closing with unread data makes the kernel send a reset.
        world.Transports[1].Dispose();
        TcpWorld.Until(
            () =>
            {
                Assert.Equal(ReceiveStatus.NotYet, world[0, 1].TryReceiveInto(new MessageHeader { ByteCount = 8 }, destination.Pointer, null));
                return world.Transports[0].Failure is not null;
            },
            "the failure",
            world.Transports[0]);
        Assert.True(world.Transports[0].Failure!.WasClosedThere);
        Assert.Equal((1, ConnectionReset, true), (world.Transports[0].Failure!.Peer, world.Transports[0].Failure!.NativeError, world.Transports[0].Failure!.ConnectionEnded));
    }

    /// <summary>Who closes a connection says why, though late where ranks starve; what has no contact need not be waited for so long, and what this rank found by itself not at all.</summary>
    [Theory]
    [InlineData(0, true, 5000)] // the end of the stream
    [InlineData(32, true, 5000)] // EPIPE
    [InlineData(104, true, 5000)] // ECONNRESET
    [InlineData(110, true, 500)] // ETIMEDOUT
    [InlineData(113, true, 500)] // EHOSTUNREACH
    [InlineData(12, true, 500)] // retries of a queue pair exceeded
    [InlineData(0, false, 0)] // a stream that is not ours
    [InlineData(104, false, 0)]
    public void TimeForWord_OfAFailure_IsLongWhereTheOtherKernelClosed(int nativeError, bool connectionEnded, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), FaultHandler.TimeForWord(new TransportFailure(1, nativeError, "", connectionEnded)));

    [Fact]
    public void Send_PeerHasClosed_FailsWithoutAnExceptionOrSignal()
    {
        using TcpWorld world = TcpWorld.Create();
        world.Transports[1].Dispose();
        TcpWorld.Until(
            () =>
            {
                if (world[0, 1].TryGetSendSlot() != null)
                {
                    world[0, 1].Send(new MessageHeader { ByteCount = 100 });
                }

                return world.Transports[0].Failure is not null;
            },
            "the failure",
            world.Transports[0]);
        Assert.Equal(1, world.Transports[0].Failure!.Peer);
        Assert.True(world.Transports[0].Failure!.NativeError is 32 or ConnectionReset);
        Assert.True(world.Transports[0].Failure!.ConnectionEnded);
    }

    [Fact]
    public void TryReceive_MessageLargerThanASlot_IsAProtocolFailure()
    {
        using TcpWorld world = TcpWorld.Create(slotBytes: 64, otherSlotBytes: 128);
        Assert.True(world[1, 0].TryGetSendSlot() != null);
        world[1, 0].Send(new MessageHeader { ByteCount = 65 });
        world.Until(
            () =>
            {
                Assert.False(world[0, 1].TryReceive(out _, out _));
                return world.Transports[0].Failure is not null;
            },
            "the failure");
        Assert.False(world.Transports[0].Failure!.ConnectionEnded);
        Assert.Contains("65 bytes where 64", world.Transports[0].Failure!.Message);
    }

    [Fact]
    public void Failure_OfOneConnection_LeavesTheOthersAlive()
    {
        using TcpWorld world = TcpWorld.Create(ranks: 3);
        world.Transports[1].Dispose();
        Assert.True(world[2, 0].TryGetSendSlot() != null);
        world[2, 0].Send(new MessageHeader { Sequence = 1 });
        TcpWorld.Until(() => !world[0, 1].TryReceive(out _, out _) && world.Transports[0].Failure is not null, "the failure", world.Transports[0]);
        TcpWorld.Until(() => world[0, 2].TryReceive(out _, out _), "the message of rank 2", world.Transports[0], world.Transports[2]);
    }

    [Fact]
    public void Fence_WhileAnotherThreadReceives_NoByteArrivesAfterIt()
    {
        const int Size = 1 << 20;
        const int Seed = 11;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {Seed}");
        Random random = new(Seed);
        using NativeBlock destination = new(Size);
        for (int round = 0; round < 60; round++)
        {
            using TcpWorld world = TcpWorld.Create(Size, 4);
            Connection sender = world[1, 0];
            Connection receiver = world[0, 1];
            using NativeBlock source = new(Size);
            source.Span.Fill(1);
            destination.Span.Clear();
            bool stop = false;
            MessageHeader header = new() { ByteCount = Size };
            Task sending = TcpWorld.Start(() =>
            {
                while (!Volatile.Read(ref stop))
                {
                    sender.TrySendFrom(header, source.Pointer, null);
                    world.Transports[1].Progress();
                }
            });
            Task receiving = TcpWorld.Start(() =>
            {
                while (!Volatile.Read(ref stop))
                {
                    receiver.TryReceiveInto(header, destination.Pointer, null);
                    world.Transports[0].Progress();
                }
            });
            Thread.Sleep(random.Next(3));
            world.Transports[0].Fence();
            destination.Span.Clear();
            Thread.Sleep(2);
            int late = destination.Span.IndexOfAnyExcept((byte)0);
            Volatile.Write(ref stop, true);
            TcpWorld.Finish(sending);
            TcpWorld.Finish(receiving);
            Assert.True(late < 0, $"round {round}: byte {late} was written after the fence");
        }
    }

    [Fact]
    public void Fence_Repeated_KillsEveryConnectionAndThePeersNotice()
    {
        using TcpWorld world = TcpWorld.Create(ranks: 3);
        Assert.True(world[1, 0].TryGetSendSlot() != null);
        world[1, 0].Send(new MessageHeader { ByteCount = 10 });
        Thread.Sleep(50);
        world.Transports[0].Fence();
        world.Transports[0].Fence();
        Assert.False(world[0, 1].TryReceive(out _, out _));
        Assert.False(world.Transports[0].PrepareSleep());
        world.Transports[0].Progress();
        TcpWorld.Until(() => !world[1, 0].TryReceive(out _, out _) && world.Transports[1].Failure is not null, "rank 1 notices", world.Transports[1]);
        TcpWorld.Until(() => !world[2, 0].TryReceive(out _, out _) && world.Transports[2].Failure is not null, "rank 2 notices", world.Transports[2]);
        world.Transports[0].Dispose();
        world.Transports[0].Fence();
    }

    [Fact]
    public void Complete_FencedWhileWaiting_ThrowsAborted()
    {
        using TcpTransport transport = new(TcpWorld.Context(1, 2), new TcpSettings { Addresses = [TcpWorld.Loopback4] });
        using TcpTransport other = new(TcpWorld.Context(0, 2), new TcpSettings { Addresses = [TcpWorld.Loopback4] });
        using PendingConnection pending = transport.BeginConnect(0, 1);
        using PendingConnection theirs = other.BeginConnect(1, 1);
        using Timer timer = new(_ => transport.Fence(), null, 50, Timeout.Infinite);
        CollectiveException e = Assert.Throws<CollectiveException>(() => pending.Complete(theirs.LocalInfo));
        Assert.Equal(Error.Aborted, e.Error);
    }
}
