using RdmaCollectives.Tool.RawPerf;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.Tests.RawPerf;

/// <summary>What the two ends of a raw measurement write to each other, and what they refuse.</summary>
public class FrameTests
{
    private static readonly Gid s_gid = Gid.FromAddress(System.Net.IPAddress.Parse("10.0.0.1"));

    private static readonly PeerEnds s_ends = new(PathMtu.Bytes2048, 16, 0x1234_5678_9abc_def0, 77, [new(0xabcdef, 0x123456, 3, s_gid), new(5, 6, 0, s_gid)]);

    [Fact]
    public void Head_WrittenAndRead_IsTheSame()
    {
        byte[] head = new byte[Frame.HeadByteCount];
        new Frame(FrameKind.Ends, 1234).Write(head);
        Assert.Equal(new Frame(FrameKind.Ends, 1234), Frame.Read(head));
    }

    [Theory]
    [InlineData(0, (byte)'H', "does not speak as rdmacc perf does")]
    [InlineData(4, 2, "speaks version 2 of the exchange, and this end version 1: install the same rdmacc at both ends")]
    [InlineData(5, 0, "sent a frame of kind 0")]
    [InlineData(5, 7, "sent a frame of kind 7")]
    [InlineData(6, 0xff, "65280 bytes, which does not exist")]
    public void Head_OfAnother_IsRefusedInWords(int at, byte value, string expected)
    {
        byte[] head = new byte[Frame.HeadByteCount];
        new Frame(FrameKind.Ready, 0).Write(head);
        head[at] = value;
        Assert.Contains(expected, Assert.Throws<ToolException>(() => Frame.Read(head)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ends_WrittenAndRead_AreTheSame()
    {
        PeerEnds read = PeerEnds.Read(s_ends.Write(), 2);
        Assert.Equal((s_ends.Mtu, s_ends.MaxReads, s_ends.Address, s_ends.RemoteKey), (read.Mtu, read.MaxReads, read.Address, read.RemoteKey));
        Assert.Equal(s_ends.QueuePairs, read.QueuePairs);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 6)]
    [InlineData(14, 1)] // the upper byte of a queue pair's number
    [InlineData(18, 1)] // and of a sequence number
    public void Ends_OutOfRange_AreRefused(int at, byte value)
    {
        byte[] bytes = s_ends.Write();
        bytes[at] = value;
        Assert.Throws<ToolException>(() => PeerEnds.Read(bytes, 2));
    }

    [Fact]
    public void Ends_OfAnotherNumber_AreRefused() => Assert.Throws<ToolException>(() => PeerEnds.Read(s_ends.Write(), 3));

    [Fact]
    public void Result_WrittenAndRead_IsTheSame()
    {
        foreach (PeerResult result in new PeerResult[] { new(0, null), new(7, null), new(1000, new(1000, 1e6, 2e6)), new(9, new(4, 0.5, null)) })
        {
            Assert.Equal(result, PeerResult.Read(result.Write()));
        }
    }

    [Theory]
    [InlineData(0, 0x80)] // messages below 0
    [InlineData(8, 3)]
    [InlineData(17, 0xff)] // an average that is no number
    [InlineData(25, 0xff)]
    [InlineData(8, 0)] // figures where there are to be none
    public void Result_OutOfRange_IsRefused(int at, byte value)
    {
        byte[] bytes = new PeerResult(1000, new(1000, 1e6, 2e6)).Write();
        bytes[at] = value;
        if (value == 0xff)
        {
            bytes[at + 1] = 0xff;
        }

        Assert.Throws<ToolException>(() => PeerResult.Read(bytes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("perf write_bw")]
    [InlineData("perf\n")]
    [InlineData("perf \n")]
    [InlineData(" perf\n")]
    [InlineData("perf a\nperf b\n")]
    [InlineData("perf \u001b[2J\n")]
    [InlineData("perf a\n\n")]
    public void Hello_NotAsWritten_IsRefused(string text) => Assert.Throws<ToolException>(() => PeerHello.Read(System.Text.Encoding.Latin1.GetBytes(text)));

    [Fact]
    public void Hello_OfAnotherVersion_IsNamed()
    {
        var own = PeerHello.Of(RawOptionsOf(4096));
        string text = System.Text.Encoding.ASCII.GetString(own.Write());
        Assert.Null(own.Difference(PeerHello.Read(own.Write())));
        var other = PeerHello.Read(System.Text.Encoding.ASCII.GetBytes(text.Replace(ToolVersion.Text, "9.9.9", StringComparison.Ordinal)));
        Assert.Equal($"rdmacc {ToolVersion.Text} at this end, and rdmacc 9.9.9 at the other", own.Difference(other));
        Assert.Equal("--size 4096 at this end, and --size 64 at the other", own.Difference(PeerHello.Of(RawOptionsOf(64))));
        Assert.NotNull(own.Difference(PeerHello.Read(System.Text.Encoding.ASCII.GetBytes($"{text}--more yes\n"))));
    }

    private static RawOptions RawOptionsOf(long size) => new() { Test = RawTest.All[0], Sizes = [size], Iterations = 5, TxDepth = 1 };
}
