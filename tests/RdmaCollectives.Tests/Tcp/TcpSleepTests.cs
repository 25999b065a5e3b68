using System.Diagnostics;
using System.Runtime.InteropServices;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Tests.Tcp;

public sealed unsafe partial class TcpSleepTests
{
    private const int Milliseconds = 20_000;

    [Fact]
    public void Sleep_NothingArrives_IsNotWoken()
    {
        using TcpWorld world = TcpWorld.Create();
        Assert.True(world.Transports[0].PrepareSleep());
        Assert.False(world[0, 1].TryReceive(out _, out _));
        Assert.False(Poll(world.Transports[0], 50));
        world.Transports[0].EndSleep();
    }

    [Fact]
    public void Sleep_PeersAreAheadOrGone_IsNotKeptAwake()
    {
        using TcpWorld world = TcpWorld.Create(ranks: 3);
        Send(world[1, 0], 1);
        world.Transports[2].Dispose();
        Thread.Sleep(50);
        Assert.True(world.Transports[0].PrepareSleep());
        Assert.False(Poll(world.Transports[0], 50));
        world.Transports[0].EndSleep();
        Send(world[1, 0], 2);
        Assert.True(Poll(world.Transports[0], Milliseconds));
    }

    [Fact]
    public void Sleep_MessageOrFenceAfterPrepare_Wakes()
    {
        using TcpWorld world = TcpWorld.Create();
        Assert.True(world.Transports[0].PrepareSleep());
        Send(world[1, 0], 1);
        Assert.True(Poll(world.Transports[0], Milliseconds));
        world.Transports[0].EndSleep();
        TcpWorld.Until(() => world[0, 1].TryReceive(out _, out _), "the message", world.Transports[0]);
        world[0, 1].Release();

        Assert.True(world.Transports[0].PrepareSleep());
        Assert.False(Poll(world.Transports[0], 0));
        world.Transports[0].Fence();
        Assert.True(Poll(world.Transports[0], Milliseconds));
    }

    /// <summary>Every message is awaited asleep, sent at a random moment around the falling asleep: one lost wake and the deadline passes.</summary>
    [Fact]
    public void Sleep_ManyTimes_LosesNoWake()
    {
        const int Seed = 5;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {Seed}");
        using TcpWorld world = TcpWorld.Create();
        const int Messages = 5_000;
        int received = 0;
        Task sending = TcpWorld.Start(() =>
        {
            Random random = new(Seed);
            for (int message = 0; message < Messages; message++)
            {
                while (Volatile.Read(ref received) < message)
                {
                    Thread.Yield();
                }

                Thread.SpinWait(random.Next(400));
                Send(world[1, 0], (uint)message);
            }
        });
        while (received < Messages)
        {
            Receive(world.Transports[0], world[0, 1], (uint)received);
            Volatile.Write(ref received, received + 1);
        }

        TcpWorld.Finish(sending);
    }

    /// <summary>The sender's only way to go on is the wake for room in the socket; nothing comes back to it.</summary>
    [Fact]
    public void Sleep_WithUnsentBytes_WakesWhenThereIsRoom()
    {
        const int Size = 1 << 20;
        using TcpWorld world = TcpWorld.Create(Size, 4, socketBufferBytes: 8192);
        for (int message = 0; message < 4; message++)
        {
            Send(world[0, 1], (uint)message, Size);
        }

        Task receiving = TcpWorld.Start(() =>
        {
            for (int message = 0; message < 4; message++)
            {
                Receive(world.Transports[1], world[1, 0], (uint)message);
            }
        });
        long start = Stopwatch.GetTimestamp();
        while (!world[0, 1].IsDrained)
        {
            Assert.True(world.Transports[0].PrepareSleep());
            if (!world[0, 1].IsDrained)
            {
                Assert.True(Poll(world.Transports[0], Milliseconds), "Not woken for room in the socket.");
            }

            world.Transports[0].EndSleep();
            world.Transports[0].Progress();
            Assert.True(Stopwatch.GetElapsedTime(start) < TcpWorld.Deadline);
        }

        TcpWorld.Finish(receiving);
    }

    private static void Send(Connection connection, uint sequence, int size = 8)
    {
        Assert.True(connection.TryGetSendSlot() != null);
        connection.Send(new MessageHeader { Sequence = sequence, ByteCount = (uint)size });
    }

    private static void Receive(Transport transport, Connection connection, uint sequence)
    {
        MessageHeader header;
        long start = Stopwatch.GetTimestamp();
        while (!connection.TryReceive(out header, out _))
        {
            Assert.True(transport.PrepareSleep());
            if (!connection.TryReceive(out _, out _))
            {
                Assert.True(Poll(transport, Milliseconds), $"The wake for message {sequence} was lost.");
            }

            transport.EndSleep();
            Assert.True(Stopwatch.GetElapsedTime(start) < TcpWorld.Deadline);
        }

        Assert.Equal(sequence, header.Sequence);
        connection.Release();
    }

    private static bool Poll(Transport transport, int milliseconds)
    {
        PollEntry entry = new() { Descriptor = transport.SleepDescriptor, Events = 1 };
        return poll(&entry, 1, milliseconds) == 1;
    }

    [LibraryImport("libc")]
    private static partial int poll(PollEntry* entries, nuint count, int timeout);

    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
