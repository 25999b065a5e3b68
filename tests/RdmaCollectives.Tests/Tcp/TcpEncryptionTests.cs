using RdmaCollectives.Tests.Bootstrap;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Tests.Tcp;

/// <summary>What somebody between two ranks can see and do.</summary>
public sealed unsafe class TcpEncryptionTests
{
    private const int Size = 1000;
    private const int SealedSize = MessageHeader.ByteSize + RecordCipher.TagBytes + Size + RecordCipher.TagBytes;
    private const byte Pattern = 0x5A;

    [Theory]
    [InlineData(EncryptionScope.Off, true)]
    [InlineData(EncryptionScope.Tcp, false)]
    [InlineData(EncryptionScope.All, false)]
    public void Send_SomebodyListens_SeesThePayloadOnlyWhereItIsNotEncrypted(EncryptionScope encryption, bool isSeen)
    {
        List<byte> seen = [];
        using Proxy proxy = new() { OnBytes = (_, piece) => Add(seen, piece.Span) };
        using TcpWorld world = TcpWorld.Through(proxy.For, encryption);
        Send(world, 1);
        Receive(world, 1);
        lock (seen)
        {
            Assert.Equal(isSeen, Contains(seen, new byte[32].Select(_ => Pattern)));
            Assert.Equal(isSeen, Contains(seen, BitConverter.GetBytes(HeaderOf(1).Hash).Concat(BitConverter.GetBytes(1)))); // the header's beginning
        }
    }

    /// <summary>Every byte of a message: of its header, payload and both tags.</summary>
    [Fact]
    public void Receive_AnyByteWasFlipped_IsAFaultThatNamesThePeerAndNothingOfItIsUsed()
    {
        for (int offset = 0; offset < SealedSize; offset += offset is > 40 and < Size ? 97 : 1)
        {
            using Proxy proxy = new();
            using TcpWorld world = TcpWorld.Through(proxy.For, EncryptionScope.Tcp);
            int passed = 0;
            proxy.OnBytes = (fromRank0, piece) =>
            {
                if (!fromRank0 && passed <= offset && offset < passed + piece.Length)
                {
                    piece.Span[offset - passed] ^= 0x10;
                }

                passed += fromRank0 ? 0 : piece.Length;
            };
            Send(world, 1);
            AssertRefused(world, offset % 2 == 0);
        }
    }

    [Theory]
    [InlineData("repeated")]
    [InlineData("dropped")]
    [InlineData("reordered")]
    [InlineData("reflected")]
    public void Receive_MessagesWereMoved_IsAFault(string how)
    {
        using Proxy proxy = new();
        using TcpWorld world = TcpWorld.Through(proxy.For, EncryptionScope.Tcp);
        List<byte> held = [];
        List<byte> ofRank0 = [];
        proxy.Rewrite = (fromRank0, piece) =>
        {
            Add(fromRank0 ? ofRank0 : held, piece.Span);
            if (fromRank0)
            {
                return piece.ToArray();
            }

            if (held.Count < 2 * SealedSize)
            {
                return [];
            }

            byte[] first = [.. held[..SealedSize]];
            byte[] second = [.. held[SealedSize..]];
            held.Clear();
            return how switch
            {
                "repeated" => [.. first, .. first],
                "dropped" => second,
                "reordered" => [.. second, .. first],
                _ => [.. ofRank0],
            };
        };
        Send(world, 1, from: 0);
        world.Until(() => world[1, 0].TryReceive(out _, out _), "the message of rank 0");
        Send(world, 1);
        Send(world, 2);
        if (how == "repeated")
        {
            Receive(world, 1);
        }

        AssertRefused(world, intoMemory: true);
    }

    [Fact]
    public void Keys_OfEveryAgreementTransportChannelAndDirection_Differ()
    {
        HashSet<string> seen = [];
        for (int epoch = 1; epoch <= 2; epoch++)
        {
            using var low = new RecordKeyAgreement(TcpWorld.Context(0, 2) with { Epoch = epoch }, 1);
            using var high = new RecordKeyAgreement(TcpWorld.Context(1, 2) with { Epoch = epoch }, 0);
            byte[] lowKey = low.PublicKey();
            byte[] highKey = high.PublicKey();
            low.Complete(highKey);
            high.Complete(lowKey);
            foreach ((RecordKeyAgreement from, RecordKeyAgreement to, string transport, int channel) in Directions(low, high))
            {
                using RecordCipher sealer = from.Sealer(transport, channel);
                using RecordCipher opener = to.Opener(transport, channel);
                byte[] text = new byte[16];
                byte[] tag = new byte[RecordCipher.TagBytes];
                sealer.Seal(text, text, tag);
                Assert.True(seen.Add(Convert.ToHexString(text)), "two directions have one key");
                Assert.True(opener.TryOpen(text, tag, text));
                Assert.Equal(new byte[16], text);
            }
        }
    }

    // All from one agreement: what differs is what the keys are derived with.
    private static IEnumerable<(RecordKeyAgreement From, RecordKeyAgreement To, string Transport, int Channel)> Directions(RecordKeyAgreement low, RecordKeyAgreement high) =>
        from place in ((string Transport, int Channel)[])[("tcp", 0), ("tcp", 1), ("verbs", 0)]
        from ends in ((RecordKeyAgreement From, RecordKeyAgreement To)[])[(low, high), (high, low)]
        select (ends.From, ends.To, place.Transport, place.Channel);

    [Fact]
    public void Complete_PublicKeyThatIsNoPoint_IsAProtocolError()
    {
        using var agreement = new RecordKeyAgreement(TcpWorld.Context(0, 2), 1);
        agreement.PublicKey();
        Assert.Equal(Error.Protocol, Assert.Throws<CollectiveException>(() => agreement.Complete(new byte[RecordKeyAgreement.PublicKeyBytes])).Error);
    }

    [Fact]
    public void TryOpen_OverAChangeOfTheKey_GoesOnAndOldRecordsDoNotOpen()
    {
        using var sealer = new RecordCipher(new byte[32], recordsPerKey: 2);
        using var opener = new RecordCipher(new byte[32], recordsPerKey: 2);
        List<(byte[] Text, byte[] Tag)> records = [];
        for (int i = 0; i < 7; i++)
        {
            byte[] text = new byte[100];
            byte[] tag = new byte[RecordCipher.TagBytes];
            sealer.Seal(text, text, tag);
            Assert.DoesNotContain(records, record => record.Text.AsSpan().SequenceEqual(text)); // the count begins anew, the key does not
            records.Add((text, tag));
            byte[] plain = new byte[100];
            Assert.True(opener.TryOpen(text, tag, plain));
            Assert.Equal(new byte[100], plain);
        }

        Assert.False(opener.TryOpen(records[1].Text, records[1].Tag, new byte[100]));
    }

    private static MessageHeader HeaderOf(uint sequence) => new() { Hash = 0x1234_5678, Sequence = sequence, ByteCount = Size };

    // From rank 1, on the far side of the proxy, to rank 0.
    private static void Send(TcpWorld world, uint sequence, int from = 1)
    {
        byte* slot = world[from, 1 - from].TryGetSendSlot();
        Assert.True(slot != null);
        new Span<byte>(slot, Size).Fill(Pattern);
        world[from, 1 - from].Send(HeaderOf(sequence));
    }

    private static void Receive(TcpWorld world, uint sequence)
    {
        byte* payload = null;
        MessageHeader header = default;
        world.Until(() => world[0, 1].TryReceive(out header, out payload), "the message");
        Assert.True(header.Matches(HeaderOf(sequence)));
        Assert.Equal(-1, new Span<byte>(payload, Size).IndexOfAnyExcept(Pattern));
        world[0, 1].Release();
    }

    private static void AssertRefused(TcpWorld world, bool intoMemory)
    {
        using NativeBlock destination = new(Size);
        destination.Span.Clear();
        world.Until(
            () =>
            {
                if (intoMemory)
                {
                    Assert.Equal(ReceiveStatus.NotYet, world[0, 1].TryReceiveInto(HeaderOf(1), destination.Pointer, null));
                }
                else
                {
                    Assert.False(world[0, 1].TryReceive(out _, out _));
                }

                return world.Transports[0].Failure is not null;
            },
            "the refusal");
        Assert.False(destination.Span.ContainsAnyExcept((byte)0));
        TransportFailure failure = world.Transports[0].Failure!;
        Assert.Equal((1, false), (failure.Peer, failure.ConnectionEnded));
        Assert.Contains("rank 1 failed its authentication", failure.Message, StringComparison.Ordinal);
        Assert.False(world[0, 1].TryReceive(out _, out _));
    }

    private static void Add(List<byte> to, ReadOnlySpan<byte> bytes)
    {
        lock (to)
        {
            to.AddRange(bytes);
        }
    }

    private static bool Contains(List<byte> all, IEnumerable<byte> part) => all.ToArray().AsSpan().IndexOf(part.ToArray()) >= 0;
}
