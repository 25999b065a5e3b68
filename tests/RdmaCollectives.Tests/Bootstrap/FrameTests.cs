using System.Net;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Bootstrap.Handshake;

namespace RdmaCollectives.Tests.Bootstrap;

public sealed class FrameTests
{
    [Fact]
    public void Open_FramesInTheirOrder_GivesWhatWasSealed()
    {
        byte[][] frames = SealThree();
        Frame first = Open([frames[0]]);
        Assert.Equal((FrameKind.PeerBlob, 0, 7UL), (first.Kind, first.Peer, first.Key));
        Assert.Equal([1, 2, 0], first.Payload.ToArray());
        Assert.Equal(2, Open(frames).Peer);
    }

    [Fact]
    public void Open_FramesDroppedRepeatedReorderedCutOrAltered_IsRefused()
    {
        byte[][] frames = SealThree();
        Assert.Throws<CollectiveException>(() => Open([frames[1]])); // the first was dropped
        Assert.Throws<CollectiveException>(() => Open([frames[0], frames[0]]));
        Assert.Throws<CollectiveException>(() => Open([frames[0], frames[2]]));
        Assert.Throws<CollectiveException>(() => Open([frames[0][..^1]]));
        Assert.Throws<CollectiveException>(() => Open([[1, 2, 3]]));
        for (int i = 0; i < frames[0].Length; i++)
        {
            byte[] altered = [.. frames[0]];
            altered[i] ^= 1;
            Assert.Throws<CollectiveException>(() => Open([altered]));
        }
    }

    [Fact]
    public void Seal_MoreRecordsThanOneKeyMay_GoesOnWithTheNextKeyOnBothSides()
    {
        const int RecordsPerKey = 3;
        using var sealer = new FrameSealer(new byte[32], RecordsPerKey);
        using var opener = new FrameOpener(new byte[32], RecordsPerKey);
        using var first = new FrameSealer(new byte[32]);
        HashSet<string> seen = [];
        for (int i = 0; i < 10 * RecordsPerKey; i++)
        {
            var frame = new Frame(FrameKind.PeerBlob, 1, 7, new byte[] { 1, 2, 3 });
            byte[] bytes = new byte[FrameSealer.SealedBytes(frame)];
            byte[] withFirst = new byte[bytes.Length];
            sealer.Seal(frame, bytes);
            first.Seal(frame, withFirst);
            Assert.Equal(i < RecordsPerKey, bytes.AsSpan().SequenceEqual(withFirst));
            Assert.True(seen.Add(Convert.ToHexString(bytes)), $"Record {i} is sealed like one before it: the counter began anew and the key did not change.");
            Assert.Equal([1, 2, 3], opener.Open(bytes.AsSpan(WireProtocol.PrefixBytes)).Payload.ToArray());
        }
    }

    [Fact]
    public void FrameBuffer_BytesInAnyPieces_GivesTheSameFrames()
    {
        var random = new Random(7);
        byte[][] messages = [.. Enumerable.Range(0, 200).Select(_ =>
        {
            byte[] message = new byte[1 + random.Next(random.Next(10) == 0 ? 60_000 : 200)];
            random.NextBytes(message);
            return message;
        })];
        byte[] stream = [.. messages.SelectMany(m => BitConverter.GetBytes(m.Length).Concat(m))];
        var buffer = new FrameBuffer(WireProtocol.MaxSealedBytes);
        var taken = new List<byte[]>();
        for (int at = 0; at < stream.Length;)
        {
            int piece = Math.Min(Math.Min(1 + random.Next(3000), buffer.Free.Length), stream.Length - at);
            Assert.NotEqual(0, piece);
            stream.AsSpan(at, piece).CopyTo(buffer.Free);
            buffer.Advance(piece);
            at += piece;
            while (buffer.TryTake(out ReadOnlySpan<byte> frame))
            {
                taken.Add(frame.ToArray());
            }
        }

        Assert.Equal(messages, taken);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(513)]
    [InlineData(-1)]
    public void FrameBuffer_LengthOutsideTheLimits_IsRefusedAtOnce(int length)
    {
        var buffer = new FrameBuffer(512);
        BitConverter.GetBytes(length).CopyTo(buffer.Free);
        buffer.Advance(4);
        Assert.Throws<CollectiveException>(() => buffer.TryTake(out _));
    }

    [Fact]
    public void MemberList_TenThousandRanks_FitsIntoFramesAndReadsBack()
    {
        MemberIdentity[] members = [.. Enumerable.Range(0, 10_000).Select(r => new MemberIdentity(
            new JoinIdentity(r, 10_000, 1, 1000 + r, $"node-{r / 8}", ""),
            new ProcessOrigin(Guid.NewGuid(), 4_026_531_836, (ulong)r),
            (r % 3) switch { 0 => null, 1 => new IPEndPoint(IPAddress.Parse("10.0.0.7"), 1 + r), _ => new IPEndPoint(IPAddress.Parse("fd00::7"), 1 + r) }))];
        List<byte[]> lists = MemberList.Write(members);
        Assert.All(lists, l => Assert.InRange(l.Length, 1, WireProtocol.MaxBlobBytes));
        var read = new List<MemberIdentity>();
        lists.ForEach(l => MemberList.Read(l, read));
        Assert.Equal(members, read);
    }

    [Theory]
    [InlineData("host:1", "host", 1)]
    [InlineData("10.0.0.7:65535", "10.0.0.7", 65535)]
    [InlineData("[::1]:29500", "::1", 29500)]
    public void RendezvousAddress_InItsForms_IsReadAndWrittenBack(string text, string host, int port)
    {
        RendezvousAddress address = RendezvousAddress.TryParse(text)!.Value;
        Assert.Equal((host, port), (address.Host, address.Port));
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData(new[] { 2 }, "rank 2")]
    [InlineData(new[] { 2, 5 }, "ranks 2 and 5")]
    [InlineData(new[] { 2, 5, 7 }, "ranks 2, 5 and 7")]
    public void RankList_InWords_ReadsWell(int[] ranks, string words) => Assert.Equal(words, RankList.InWords(ranks));

    [Fact]
    public void RankList_OfMany_NamesSixteen() =>
        Assert.Equal("ranks 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 and 84 more", RankList.InWords([.. Enumerable.Range(0, 100)]));

    private static byte[][] SealThree()
    {
        using var sealer = new FrameSealer(new byte[32]);
        return [.. Enumerable.Range(0, 3).Select(i =>
        {
            var frame = new Frame(FrameKind.PeerBlob, i, 7, new byte[] { 1, 2, (byte)i });
            byte[] bytes = new byte[FrameSealer.SealedBytes(frame)];
            Assert.Equal(bytes.Length, sealer.Seal(frame, bytes));
            return bytes[WireProtocol.PrefixBytes..];
        })];
    }

    private static Frame Open(byte[][] sequence)
    {
        using var opener = new FrameOpener(new byte[32]);
        return sequence.Select(f => opener.Open(f)).ToArray()[^1];
    }
}
