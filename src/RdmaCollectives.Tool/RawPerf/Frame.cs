using System.Buffers.Binary;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>What a frame between the two ends is about.</summary>
internal enum FrameKind : byte
{
    /// <summary>The options, compared before anything is made: <see cref="PeerHello"/>.</summary>
    Hello = 1,

    /// <summary>Where the queue pairs and the memory are: <see cref="PeerEnds"/>.</summary>
    Ends = 2,

    /// <summary>This end is ready for the next step; empty.</summary>
    Ready = 3,

    /// <summary>How many messages this end has sent, where only the clock ended it: 8 bytes.</summary>
    Count = 4,

    /// <summary>What this end has measured: <see cref="PeerResult"/>.</summary>
    Result = 5,

    /// <summary>Why this end gives up; text.</summary>
    Failure = 6,
}

/// <summary>
/// The head of a frame on the socket between the two ends: 4 bytes <c>RCRP</c>, the version of this exchange, the kind, and two bytes with the number of bytes
/// that follow, in network order. A body has at most <see cref="MostBytes"/>, so that what a stranger sends costs little.
/// </summary>
internal readonly record struct Frame(FrameKind Kind, int ByteCount)
{
    public const int HeadByteCount = 8;

    /// <summary>Addresses of 1,024 queue pairs.</summary>
    public const int MostBytes = 32 * 1024;

    public const byte Version = 1;

    private const uint Magic = 0x52435250; // RCRP

    public void Write(Span<byte> head)
    {
        BinaryPrimitives.WriteUInt32BigEndian(head, Magic);
        head[4] = Version;
        head[5] = (byte)Kind;
        BinaryPrimitives.WriteUInt16BigEndian(head[6..], (ushort)ByteCount);
    }

    /// <exception cref="ToolException">It is none of ours, or of another version; the message is to follow the name of the peer.</exception>
    public static Frame Read(ReadOnlySpan<byte> head)
    {
        if (BinaryPrimitives.ReadUInt32BigEndian(head) != Magic)
        {
            throw Refused("does not speak as rdmacc perf does: is that port another program's? Choose a free one at both ends with -p");
        }

        if (head[4] != Version)
        {
            throw Refused($"speaks version {head[4]} of the exchange, and this end version {Version}: install the same rdmacc at both ends");
        }

        var frame = new Frame((FrameKind)head[5], BinaryPrimitives.ReadUInt16BigEndian(head[6..]));
        return frame is { Kind: >= FrameKind.Hello and <= FrameKind.Failure, ByteCount: <= MostBytes } ? frame
            : throw Refused($"sent a frame of kind {head[5]} and {frame.ByteCount} bytes, which does not exist");
    }

    public static ToolException Refused(string what) => new(ExitCode.Failed, $"{what}.");
}
