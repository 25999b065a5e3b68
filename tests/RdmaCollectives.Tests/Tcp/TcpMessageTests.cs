using RdmaCollectives.Transports;

namespace RdmaCollectives.Tests.Tcp;

public sealed unsafe class TcpMessageTests
{
    private const int SlotBytes = 65536;

    /// <summary>Who sends how, and who receives how: each direction alternates by message.</summary>
    [Theory]
    [InlineData(null, 4, 1)]
    [InlineData(null, 2, 2)]
    [InlineData(4096, 4, 3)]
    [InlineData(4096, 64, 4)]
    [InlineData(null, 4, 5, EncryptionScope.Tcp)]
    [InlineData(null, 2, 6, EncryptionScope.Tcp, 3)]
    [InlineData(4096, 64, 7, EncryptionScope.All)]
    public void SendAndReceive_RandomSizesBothWays_ArriveInOrderAndWhole(int? socketBufferBytes, int slotCount, int seed, EncryptionScope encryption = EncryptionScope.Off, long recordsPerKey = 1000)
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        using TcpWorld world = TcpWorld.Create(SlotBytes, slotCount, socketBufferBytes: socketBufferBytes, encryption: encryption, recordsPerKey: recordsPerKey);

        // Through 4 KiB buffers a large message is many turns of the kernel's window.
        int messages = socketBufferBytes is null ? 400 : 80;
        using Flow there = new(world[0, 1], world[1, 0], seed, messages);
        using Flow back = new(world[1, 0], world[0, 1], seed + 1000, messages);
        world.Until(
            () =>
            {
                there.Turn();
                back.Turn();
                Assert.Null(world.Transports[0].Failure);
                Assert.Null(world.Transports[1].Failure);
                return there.IsDone && back.IsDone;
            },
            "all messages both ways");
    }

    [Fact]
    public void Send_EightMessagesOfOneMebibyteBothWaysBeforeReceiving_NeitherBlocks()
    {
        const int Size = 1 << 20;
        using TcpWorld world = TcpWorld.Create(Size, 8, socketBufferBytes: 4096);
        for (int message = 0; message < 8; message++)
        {
            for (int rank = 0; rank < 2; rank++)
            {
                byte* slot = world[rank, 1 - rank].TryGetSendSlot();
                Assert.True(slot != null);
                Assert.Equal(0u, (nuint)slot % 64);
                new Span<byte>(slot, Size).Fill((byte)(16 * rank + message));
                world[rank, 1 - rank].Send(new MessageHeader { Sequence = (uint)message, ByteCount = Size });
            }
        }

        for (int rank = 0; rank < 2; rank++)
        {
            Assert.True(world[rank, 1 - rank].TryGetSendSlot() == null);
            Assert.False(world[rank, 1 - rank].IsDrained);
        }

        int[] received = [0, 0];
        world.Until(
            () =>
            {
                for (int rank = 0; rank < 2; rank++)
                {
                    if (world[rank, 1 - rank].TryReceive(out MessageHeader header, out byte* payload))
                    {
                        Assert.Equal((uint)received[rank], header.Sequence);
                        Assert.Equal(0u, (nuint)payload % 64);
                        Assert.Equal(-1, new Span<byte>(payload, Size).IndexOfAnyExcept((byte)(16 * (1 - rank) + received[rank])));
                        world[rank, 1 - rank].Release();
                        received[rank]++;
                    }
                }

                return received[0] == 8 && received[1] == 8;
            },
            "eight messages both ways");
        Assert.True(world[0, 1].IsDrained);
        Assert.True(world[1, 0].IsDrained);
    }

    [Fact]
    public void TryReceiveInto_SeveralMessagesReadAhead_EachInItsDestination()
    {
        using TcpWorld world = TcpWorld.Create(slotCount: 16);
        using NativeBlock destination = new(4096);
        for (int message = 0; message < 16; message++)
        {
            SendFilled(world[0, 1], (uint)message, message * 37, (byte)message);
        }

        for (int message = 0; message < 16; message++)
        {
            destination.Span.Fill(0xEE);
            MessageHeader expected = new() { Hash = 7, Sequence = (uint)message, ByteCount = (uint)(message * 37) };
            world.Until(() => world[1, 0].TryReceiveInto(expected, destination.Pointer, null) == ReceiveStatus.Done, $"message {message}");
            Assert.Equal(-1, destination.Span[..(message * 37)].IndexOfAnyExcept((byte)message));
            Assert.Equal(-1, destination.Span[(message * 37)..].IndexOfAnyExcept((byte)0xEE));
        }
    }

    [Theory]
    [InlineData(7u, 3u, 101u, 0, 1)]
    [InlineData(8u, 3u, 100u, 0, 1)]
    [InlineData(7u, 4u, 100u, 0, 1)]
    [InlineData(7u, 3u, 100u, 1, 1)]
    [InlineData(7u, 3u, 100u, 0, 2)]
    public void TryReceiveInto_OtherHeader_TouchesAndConsumesNothing(uint hash, uint sequence, uint byteCount, byte kind, byte epoch)
    {
        using TcpWorld world = TcpWorld.Create();
        using NativeBlock destination = new(4096);
        destination.Span.Fill(0xEE);
        SendFilled(world[0, 1], 3, 100, 0x55, epoch: 1);
        MessageHeader expected = new() { Hash = hash, Sequence = sequence, ByteCount = byteCount, Kind = (MessageKind)kind, Epoch = epoch };
        world.Until(() => world[1, 0].TryReceiveInto(expected, destination.Pointer, null) == ReceiveStatus.Mismatch, "the mismatch");
        Assert.Equal(ReceiveStatus.Mismatch, world[1, 0].TryReceiveInto(expected, destination.Pointer, null));
        Assert.Equal(-1, destination.Span.IndexOfAnyExcept((byte)0xEE));

        MessageHeader header = default;
        byte* payload = null;
        world.Until(() => world[1, 0].TryReceive(out header, out payload), "the message itself");
        Assert.Equal(100u, header.ByteCount);
        Assert.Equal(3u, header.Sequence);
        Assert.Equal(-1, new Span<byte>(payload, 100).IndexOfAnyExcept((byte)0x55));
    }

    [Fact]
    public void TryReceiveInto_AfterTryReceiveBeganWithTheMessage_EndsInTheDestination()
    {
        const int Size = 1 << 20;
        using TcpWorld world = TcpWorld.Create(Size, 2, socketBufferBytes: 4096);
        using NativeBlock destination = new(Size);
        SendFilled(world[0, 1], 1, Size, 0x66);
        for (int turn = 0; turn < 3; turn++)
        {
            Thread.Sleep(5);
            Assert.False(world[1, 0].TryReceive(out _, out _));
            world.Transports[0].Progress();
        }

        MessageHeader expected = new() { Hash = 7, Sequence = 1, ByteCount = Size };
        world.Until(() => world[1, 0].TryReceiveInto(expected, destination.Pointer, null) == ReceiveStatus.Done, "the message");
        Assert.Equal(-1, destination.Span.IndexOfAnyExcept((byte)0x66));

        SendFilled(world[0, 1], 2, 10, 0x77);
        MessageHeader next = new() { Hash = 7, Sequence = 2, ByteCount = 10 };
        world.Until(() => world[1, 0].TryReceiveInto(next, destination.Pointer, null) == ReceiveStatus.Done, "the next message");
    }

    [Fact]
    public void TryReceiveInto_EmptyMessageWithoutADestination_IsDone()
    {
        using TcpWorld world = TcpWorld.Create();
        SendFilled(world[0, 1], 5, 0, 0);
        world.Until(() => world[1, 0].TryReceiveInto(new MessageHeader { Hash = 7, Sequence = 5 }, null, null) == ReceiveStatus.Done, "the empty message");
    }

    [Fact]
    public void Channels_OfOnePair_AreFifosOfTheirOwn()
    {
        using TcpWorld world = TcpWorld.Create(channels: 3, ranks: 3);
        for (int channel = 0; channel < 3; channel++)
        {
            SendFilled(world[2, 0, channel], (uint)channel, 64, (byte)channel);
            SendFilled(world[1, 0, channel], (uint)(10 + channel), 64, (byte)channel);
        }

        for (int channel = 2; channel >= 0; channel--)
        {
            MessageHeader header = default;
            world.Until(() => world[0, 2, channel].TryReceive(out header, out _), $"channel {channel}");
            Assert.Equal((uint)channel, header.Sequence);
            world.Until(() => world[0, 1, channel].TryReceive(out header, out _), $"channel {channel}");
            Assert.Equal((uint)(10 + channel), header.Sequence);
        }
    }

    [Theory]
    [InlineData(EncryptionScope.Off)]
    [InlineData(EncryptionScope.Tcp)]
    public void Path_AfterWarmUp_AllocatesNothing(EncryptionScope encryption)
    {
        using TcpWorld world = TcpWorld.Create(slotCount: 4, encryption: encryption);
        using NativeBlock memory = new(4096);
        Exchange(world, memory.Pointer, 1_000);

        // The runtime makes some objects once, whenever it comes to that; a path that allocates does so in every window.
        long least = long.MaxValue;
        for (int window = 0; window < 3; window++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Exchange(world, memory.Pointer, 3_000);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    private static void Exchange(TcpWorld world, byte* memory, int count)
    {
        Connection sender = world[0, 1];
        Connection receiver = world[1, 0];
        Transport[] transports = world.Transports;
        for (int message = 0; message < count; message++)
        {
            MessageHeader header = new() { Sequence = (uint)message, ByteCount = (uint)(message % 4096) };
            if (message % 2 == 0)
            {
                while (sender.TryGetSendSlot() == null)
                {
                    transports[0].Progress();
                }

                sender.Send(header);
            }
            else
            {
                while (!sender.TrySendFrom(header, memory, null))
                {
                    transports[0].Progress();
                }
            }

            if (message % 3 == 0)
            {
                while (!receiver.TryReceive(out _, out _))
                {
                    transports[1].PrepareSleep();
                    transports[1].EndSleep();
                }

                receiver.Release();
            }
            else
            {
                while (receiver.TryReceiveInto(header, memory, null) != ReceiveStatus.Done)
                {
                }
            }
        }
    }

    private static void SendFilled(Connection connection, uint sequence, int size, byte value, byte epoch = 0)
    {
        byte* slot = connection.TryGetSendSlot();
        Assert.True(slot != null);
        new Span<byte>(slot, size).Fill(value);
        connection.Send(new MessageHeader { Hash = 7, Sequence = sequence, ByteCount = (uint)size, Epoch = epoch });
    }

    /// <summary>One direction: what is sent follows from the seed, so the receiver knows it.</summary>
    private sealed class Flow(Connection from, Connection to, int seed, int messages) : IDisposable
    {
        private readonly Random _choices = new(seed);
        private readonly NativeBlock[] _sources = [.. Enumerable.Range(0, messages).Select(_ => new NativeBlock(SlotBytes))];
        private readonly NativeBlock _destination = new(SlotBytes);
        private int _sent;
        private int _received;

        public bool IsDone => _received == messages && from.IsDrained;

        public void Turn()
        {
            while (_sent < messages && _choices.Next(3) != 0 && Send())
            {
                _sent++;
            }

            while (_received < messages && _choices.Next(3) != 0 && Receive())
            {
                _received++;
            }
        }

        public void Dispose()
        {
            Array.ForEach(_sources, source => source.Dispose());
            _destination.Dispose();
        }

        private MessageHeader HeaderOf(int message)
        {
            Random random = new((seed * 100_000) + message);
            int size = random.Next(5) switch { 0 => 0, 1 => random.Next(100), 2 => SlotBytes, _ => random.Next(SlotBytes + 1) };
            return new MessageHeader { Hash = (uint)seed, Sequence = (uint)message, ByteCount = (uint)size };
        }

        private void Fill(int message, Span<byte> payload) => new Random((seed * 100_000) + message + 50_000).NextBytes(payload);

        private bool Send()
        {
            MessageHeader header = HeaderOf(_sent);
            if (_sent % 2 == 0)
            {
                byte* slot = from.TryGetSendSlot();
                if (slot == null)
                {
                    return false;
                }

                Fill(_sent, new Span<byte>(slot, (int)header.ByteCount));
                from.Send(header);
                return true;
            }

            Fill(_sent, _sources[_sent].Span[..(int)header.ByteCount]);
            return from.TrySendFrom(header, _sources[_sent].Pointer, null);
        }

        private bool Receive()
        {
            MessageHeader expected = HeaderOf(_received);
            byte* payload = _destination.Pointer;
            bool inPlace = _received % 3 != 0;
            if (inPlace)
            {
                if (to.TryReceiveInto(expected, payload, null) is not ReceiveStatus.Done and var status)
                {
                    Assert.Equal(ReceiveStatus.NotYet, status);
                    return false;
                }
            }
            else
            {
                if (!to.TryReceive(out MessageHeader header, out payload))
                {
                    return false;
                }

                Assert.True(to.TryReceive(out _, out byte* again) && again == payload);
                Assert.True(header.Matches(expected), $"message {_received}");
            }

            byte[] wanted = new byte[expected.ByteCount];
            Fill(_received, wanted);
            Assert.True(wanted.AsSpan().SequenceEqual(new ReadOnlySpan<byte>(payload, wanted.Length)), $"message {_received}");
            if (!inPlace)
            {
                to.Release();
            }

            return true;
        }
    }
}
