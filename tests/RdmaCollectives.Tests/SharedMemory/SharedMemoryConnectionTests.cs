using RdmaCollectives.Memory;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.SharedMemory;

namespace RdmaCollectives.Tests.SharedMemory;

public sealed class SharedMemoryConnectionTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData((int)SegmentKind.Memfd, true)]
    [InlineData((int)SegmentKind.Memfd, false)]
    [InlineData((int)SegmentKind.Named, false)]
    public async Task Send_ManyMessagesOfRandomSizesAndPlaces_ArriveInOrderAndWhole(int kind, bool futex)
    {
        const int messageCount = 100_000;
        const int seed = 20_261_122;
        output.WriteLine($"seed {seed}");
        using var pair = new TransportPair((SegmentKind)kind);
        using RegisteredBuffer<byte> buffer = pair.Allocate(0, 64 * 1024);
        Task sending = Task.Factory.StartNew(() => SendAll(pair, buffer, messageCount, seed, futex), TaskCreationOptions.LongRunning);
        Task receiving = Task.Factory.StartNew(() => ReceiveAll(pair, messageCount, seed, futex), TaskCreationOptions.LongRunning);
        await Task.WhenAll(sending, receiving).WaitAsync(Deadline);
        Assert.True(pair.Connection(0).IsDrained);
    }

    [Fact]
    public unsafe void TryGetSendSlot_NoCredit_IsNullUntilOneIsReleased()
    {
        using var pair = new TransportPair();
        Connection sender = pair.Connection(0);
        Connection receiver = pair.Connection(1);
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < TransportPair.SlotCount; i++)
            {
                Assert.True(sender.TryGetSendSlot() != null);
                sender.Send(Header(0, 100));
            }

            Assert.True(sender.TryGetSendSlot() == null);
            Assert.False(sender.TrySendFrom(Header(0, 8), (byte*)&round, null));
            for (int i = 0; i < TransportPair.SlotCount; i++)
            {
                Assert.True(receiver.TryReceive(out _, out _));
                receiver.Release();
                Assert.True(sender.TryGetSendSlot() != null);
            }

            Assert.False(receiver.TryReceive(out _, out _));
        }
    }

    [Fact]
    public unsafe void TrySendCopy_EveryShortLength_ArrivesWhole()
    {
        using var pair = new TransportPair();
        byte* source = stackalloc byte[100];
        for (int byteCount = 0; byteCount <= 100; byteCount++)
        {
            Fill(new Span<byte>(source, byteCount), byteCount);
            Assert.True(pair.Connection(0).TrySendCopy(Header((uint)byteCount, (uint)byteCount), source));
            new Span<byte>(source, byteCount).Clear(); // it is free
            Assert.True(pair.Connection(1).TryReceive(out MessageHeader header, out byte* payload));
            Assert.True(header.Matches(Header((uint)byteCount, (uint)byteCount)));
            Check(new ReadOnlySpan<byte>(payload, byteCount), byteCount);
            pair.Connection(1).Release();
        }
    }

    [Fact]
    public unsafe void TrySendCopy_NoCredit_IsFalse()
    {
        using var pair = new TransportPair();
        ulong value = 5;
        for (int i = 0; i < TransportPair.SlotCount; i++)
        {
            Assert.True(pair.Connection(0).TrySendCopy(Header(0, 8), (byte*)&value));
        }

        Assert.False(pair.Connection(0).TrySendCopy(Header(0, 8), (byte*)&value));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void BeginConnect_WithAndWithoutPush_LetsPeersMapTheOutboxWritableOrNot(bool push)
    {
        using SharedMemoryTransport first = TransportPair.NewTransport(0, SegmentKind.Memfd, push: push), second = TransportPair.NewTransport(1, SegmentKind.Memfd, push: push);
        Assert.Null(first.WhyNotReachable(1, second.Describe()));
        using PendingConnection pending = first.BeginConnect(1, 1);
        using SharedSegment opened = SharedSegment.OpenAsSealed(SegmentAddress.Read(pending.LocalInfo, out _)!.Value);
        Assert.Equal(push, opened.IsWritable);
    }

    [Fact]
    public unsafe void Send_UpTo32Bytes_TravelsInTheLine()
    {
        using var pair = new TransportPair();
        Connection sender = pair.Connection(0);
        Connection receiver = pair.Connection(1);
        for (int byteCount = 0; byteCount <= 33; byteCount++)
        {
            byte* slot = sender.TryGetSendSlot();
            Fill(new Span<byte>(slot, byteCount), byteCount);
            sender.Send(Header((uint)byteCount, (uint)byteCount));
            Assert.True(receiver.TryReceive(out MessageHeader header, out byte* payload));
            Assert.True(receiver.TryReceive(out MessageHeader again, out byte* samePayload) && again.Matches(header) && samePayload == payload, "asking again shows the same message");
            Assert.True(header.Matches(Header((uint)byteCount, (uint)byteCount)));
            Check(new ReadOnlySpan<byte>(payload, byteCount), byteCount);
            Assert.Equal(byteCount > 32, ((nuint)payload & 63) == 0); // a slot is on a line of its own, a payload in a line is behind the header
            receiver.Release();
        }
    }

    [Fact]
    public unsafe void TrySendFrom_RegisteredBuffer_IsReadWhereItLies()
    {
        using var pair = new TransportPair();
        Connection sender = pair.Connection(0);
        Connection receiver = pair.Connection(1);
        using RegisteredBuffer<byte> buffer = pair.Allocate(0, 8192);
        byte* source = buffer.Registration.Address + 5000;
        Assert.True(sender.CanSendFrom(buffer.Registration));
        Assert.False(sender.CanSendFrom(null));
        Assert.True(sender.TrySendFrom(Header(1, 1000), source, buffer.Registration));
        Assert.True(receiver.TryReceive(out _, out byte* payload));
        buffer.Span[5000] = 200; // against the contract, to see that there is no copy
        Assert.Equal(200, *payload);
        Assert.False(sender.IsDrained);
        receiver.Release();
        Assert.True(sender.IsDrained);
    }

    [Fact]
    public unsafe void Release_OwnerFencedAndFilledItsBufferAnew_IsTornAndAFailure()
    {
        using var pair = new TransportPair();
        Connection sender = pair.Connection(0);
        Connection receiver = pair.Connection(1);
        using RegisteredBuffer<byte> buffer = pair.Allocate(0, 1000);
        Assert.True(sender.TrySendFrom(Header(1, 1000), buffer.Registration.Address, buffer.Registration));
        Assert.True(receiver.TryReceive(out _, out _));
        pair.Transport(0).Fence();
        buffer.Span.Fill(0xA5);
        receiver.Release();
        Assert.True(receiver.IsTorn);
        TransportFailure failure = Assert.IsType<TransportFailure>(pair.Transport(1).Failure);
        Assert.Equal((0, true), (failure.Peer, failure.ConnectionEnded));
        Assert.False(receiver.TryReceive(out _, out _));
    }

    [Fact]
    public unsafe void TryReceiveInto_OwnerFenced_DoesNotSayDone()
    {
        using var pair = new TransportPair();
        using RegisteredBuffer<byte> buffer = pair.Allocate(0, 1000);
        byte[] destination = new byte[1000];
        Assert.True(pair.Connection(0).TrySendFrom(Header(1, 1000), buffer.Registration.Address, buffer.Registration));
        pair.Transport(0).Fence();
        fixed (byte* to = destination)
        {
            Assert.Equal(ReceiveStatus.NotYet, pair.Connection(1).TryReceiveInto(Header(1, 1000), to, null));
        }

        Assert.NotNull(pair.Transport(1).Failure);
    }

    [Fact]
    public unsafe void Release_OwnerFencedAMessageInASlot_IsWhole()
    {
        using var pair = new TransportPair();
        Assert.True(pair.Connection(0).TryGetSendSlot() != null);
        pair.Connection(0).Send(Header(1, 1000));
        pair.Transport(0).Fence();
        Assert.True(pair.Connection(1).TryReceive(out _, out _));
        pair.Connection(1).Release();
        Assert.False(pair.Connection(1).IsTorn);
        Assert.Null(pair.Transport(1).Failure);
    }

    [Fact]
    public unsafe void Progress_PeerDisposedItsBuffer_UnmapsIt()
    {
        const string name = "test-unmapping";
        using var pair = new TransportPair();
        RegisteredBuffer<byte> buffer = pair.Allocate(0, 100_000, name);
        Assert.True(pair.Connection(0).TrySendFrom(Header(1, 1000), buffer.Registration.Address, buffer.Registration));
        Assert.True(pair.Connection(1).TryReceive(out _, out _));
        pair.Connection(1).Release();
        pair.Transport(1).Progress();
        Assert.Equal(2, MappedBuffers());
        buffer.Dispose();
        pair.Transport(1).Progress();
        Assert.Equal(0, MappedBuffers());

        int MappedBuffers() => File.ReadLines("/proc/self/maps").Count(line => line.Contains($"memfd:{name} ", StringComparison.Ordinal));
    }

    [Fact]
    public unsafe void TrySendFrom_MoreBuffersThanPlaces_PlacesAreUsedAgain()
    {
        using var pair = new TransportPair();
        for (int i = 0; i < 1000; i++)
        {
            using RegisteredBuffer<byte> buffer = pair.Allocate(0, 100);
            Fill(buffer.Span, i);
            Assert.True(pair.Connection(0).TrySendFrom(Header((uint)i, 100), buffer.Registration.Address, buffer.Registration));
            Assert.True(pair.Connection(1).TryReceive(out _, out byte* payload));
            Check(new ReadOnlySpan<byte>(payload, 100), i);
            pair.Connection(1).Release();
        }

        var many = Enumerable.Range(0, 257).Select(_ => pair.Allocate(0, 100)).ToList();
        Assert.True(pair.Connection(0).CanSendFrom(many[255].Registration));
        Assert.False(pair.Connection(0).CanSendFrom(many[256].Registration)); // copied through slots instead
        many.ForEach(static buffer => buffer.Dispose());
    }

    [Fact]
    public unsafe void TryReceive_BufferThatCannotBeMapped_IsAFailure()
    {
        using var pair = new TransportPair();
        RegisteredBuffer<byte> buffer = pair.Allocate(0, 1000);
        Assert.True(pair.Connection(0).TrySendFrom(Header(1, 1000), buffer.Registration.Address, buffer.Registration));
        buffer.Dispose(); // against the contract: the message is still under way
        Assert.False(pair.Connection(1).TryReceive(out _, out _));
        Assert.NotNull(pair.Transport(1).Failure);
        Assert.Contains("can't be opened", pair.Transport(1).Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(0, pair.Transport(1).Failure!.Peer);
    }

    [Fact]
    public unsafe void TryReceiveInto_OtherMessage_IsAMismatchAndStays()
    {
        using var pair = new TransportPair();
        pair.Connection(0).TryGetSendSlot();
        pair.Connection(0).Send(Header(7, 4));
        int destination = -1;
        Assert.Equal(ReceiveStatus.Mismatch, pair.Connection(1).TryReceiveInto(Header(8, 4), (byte*)&destination, null));
        Assert.Equal(-1, destination);
        Assert.True(pair.Connection(1).TryReceive(out MessageHeader header, out _));
        Assert.Equal(7u, header.Hash);
    }

    [Fact]
    public unsafe void Fence_Connected_NothingMovesAfterwards()
    {
        using var pair = new TransportPair();
        pair.Connection(0).TryGetSendSlot();
        pair.Connection(0).Send(Header(7, 4));
        pair.Transport(1).Fence();
        pair.Transport(1).Fence();
        Assert.False(pair.Connection(1).TryReceive(out _, out _));
        Assert.True(pair.Connection(1).TryGetSendSlot() == null);
    }

    [Fact]
    public void SendAndReceive_Repeated_AllocateNothing()
    {
        using var pair = new TransportPair();
        using RegisteredBuffer<byte> buffer = pair.Allocate(0, 4096);
        RoundTrips(pair, buffer, 1_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        RoundTrips(pair, buffer, 10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static unsafe void RoundTrips(TransportPair pair, RegisteredBuffer<byte> buffer, int count)
    {
        Connection sender = pair.Connection(0);
        Connection receiver = pair.Connection(1);
        byte* destination = stackalloc byte[TransportPair.SlotBytes];
        for (int i = 0; i < count; i++)
        {
            MessageHeader header = Header((uint)i, (uint)(i % TransportPair.SlotBytes));
            sender.TryGetSendSlot();
            sender.Send(header);
            receiver.TryReceiveInto(header, destination, null);
            sender.TrySendFrom(header, buffer.Registration.Address, buffer.Registration);
            receiver.TryReceiveInto(header, destination, null);
            pair.Transport(1).PrepareSleep();
            pair.Transport(1).EndSleep();
            pair.Transport(1).Progress();
        }
    }

    private static unsafe void SendAll(TransportPair pair, RegisteredBuffer<byte> buffer, int messageCount, int seed, bool futex)
    {
        Connection connection = pair.Connection(0);
        var sleeper = new Sleeper(pair.Transport(0), futex);
        var sizes = new Random(seed);
        var ways = new Random(seed + 1);
        byte* region = buffer.Registration.Address;
        for (int i = 0; i < messageCount; i++)
        {
            uint byteCount = NextSize(sizes);
            MessageHeader header = Header((uint)i, byteCount);
            if (ways.Next(3) == 0 && connection.CanSendFrom(buffer.Registration))
            {
                byte* source = region + i % 63 * TransportPair.SlotBytes + ways.Next(64);
                sleeper.WaitUntil(() => connection.IsDrained); // the range was used before
                Fill(new Span<byte>(source, (int)byteCount), i);
                sleeper.WaitUntil(() => connection.TrySendFrom(header, source, buffer.Registration));
            }
            else
            {
                byte* slot = null;
                sleeper.WaitUntil(() => (slot = connection.TryGetSendSlot()) != null);
                Fill(new Span<byte>(slot, (int)byteCount), i);
                connection.Send(header);
            }
        }

        sleeper.WaitUntil(() => connection.IsDrained);
        pair.Transport(0).Settle();
    }

    private static unsafe void ReceiveAll(TransportPair pair, int messageCount, int seed, bool futex)
    {
        Connection connection = pair.Connection(1);
        var sleeper = new Sleeper(pair.Transport(1), futex);
        var sizes = new Random(seed);
        for (int i = 0; i < messageCount; i++)
        {
            MessageHeader header = default;
            byte* payload = null;
            sleeper.WaitUntil(() => connection.TryReceive(out header, out payload));
            uint byteCount = NextSize(sizes);
            Assert.True(header.Matches(Header((uint)i, byteCount)), $"message {i}");
            Check(new ReadOnlySpan<byte>(payload, (int)byteCount), i);
            connection.Release();
        }

        pair.Transport(1).Settle();
    }

    /// <summary>Half of the messages fit into a line.</summary>
    private static uint NextSize(Random random) => (uint)(random.Next(2) == 0 ? random.Next(0, 33) : random.Next(33, TransportPair.SlotBytes + 1));

    private static MessageHeader Header(uint hash, uint byteCount) => new() { Hash = hash, Sequence = hash + 1, ByteCount = byteCount, Epoch = 1 };

    private static void Fill(Span<byte> bytes, int message)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(message * 31 + i * 7);
        }
    }

    private static void Check(ReadOnlySpan<byte> bytes, int message)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != (byte)(message * 31 + i * 7))
            {
                Assert.Fail($"byte {i} of message {message} is {bytes[i]}");
            }
        }
    }
}
