using RdmaCollectives.Fuzz.Engine;
using RdmaCollectives.Tool;
using RdmaCollectives.Tool.RawPerf;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Fuzz.Parsers;

/// <summary>What the two ends of <c>rdmacc perf write_bw</c> and its like write to each other: anybody who reaches the port may.</summary>
internal static class RawPerfTargets
{
    private const int QueuePairs = 2;

    public static FuzzTarget Frames() => new CodecTarget<Frame>
    {
        Title = "raw-frame",
        Files = ["RawPerf/Frame.cs"],
        Make = static random => new Frame(Engine.Make.Enum<FrameKind>(random), random.Next(Frame.MostBytes + 1)),
        Encode = static frame =>
        {
            byte[] head = new byte[Frame.HeadByteCount];
            frame.Write(head);
            return head;
        },
        // The socket always gives a whole head.
        Parse = static bytes => bytes.Length == Frame.HeadByteCount ? Frame.Read(bytes) : throw Frame.Refused("too short"),
        Describe = static bytes => new Layout(bytes).Opaque(4).Choice().Choice().Size(2).Done(),
        IsDeclared = static e => e is ToolException,
        IsRefusal = static _ => false,
    };

    public static FuzzTarget Hellos() => new CodecTarget<PeerHello>
    {
        Title = "raw-hello",
        Files = ["RawPerf/PeerHello.cs"],
        Make = static random => PeerHello.Of(new RawOptions
        {
            Test = RawTest.All[random.Next(RawTest.All.Count)],
            Sizes = random.Next(2) == 0 ? [random.NextInt64(1L << 40)] : [2, 4],
            Iterations = random.Next(),
            TxDepth = 1,
            Duration = random.Next(2) == 0 ? TimeSpan.FromSeconds(random.Next(1000)) : null,
            Mtu = random.Next(2) == 0 ? Engine.Make.Enum<PathMtu>(random) : null,
        }),
        Encode = static hello => hello.Write(),
        Parse = static bytes => PeerHello.Read(bytes),
        AreEqual = static (one, other) => one.Difference(other) is null,
        Describe = static bytes => new Layout(bytes).Done(FieldKind.Text),
        IsDeclared = static e => e is ToolException,
        IsRefusal = static _ => false,
    };

    public static FuzzTarget Ends() => new CodecTarget<PeerEnds>
    {
        Title = "raw-ends",
        Files = ["RawPerf/PeerEnds.cs"],
        Make = static random => new PeerEnds(Engine.Make.Enum<PathMtu>(random), (byte)random.Next(256), Engine.Make.ULong(random), (uint)random.NextInt64(1L << 32),
            [.. Enumerable.Range(0, QueuePairs).Select(_ => new QueuePairAddress((uint)random.Next(1 << 24), (uint)random.Next(1 << 24), (ushort)random.Next(1 << 16), new Gid(Engine.Make.Bytes(random, Gid.ByteCount))))]),
        Encode = static ends => ends.Write(),
        Parse = static bytes => PeerEnds.Read(bytes, QueuePairs),
        AreEqual = static (one, other) => (one.Mtu, one.MaxReads, one.Address, one.RemoteKey) == (other.Mtu, other.MaxReads, other.Address, other.RemoteKey) && one.QueuePairs.SequenceEqual(other.QueuePairs),
        Describe = static bytes => new Layout(bytes).Choice().Number(1).Number(8).Number(4).Number(4).Number(4).Number(2).Opaque(16).Number(4).Number(4).Number(2).Done(),
        IsDeclared = static e => e is ToolException,
        IsRefusal = static _ => false,
    };

    public static FuzzTarget Results() => new CodecTarget<PeerResult>
    {
        Title = "raw-result",
        Files = ["RawPerf/PeerResult.cs"],
        Make = static random => new PeerResult(random.NextInt64(), random.Next(3) switch
        {
            0 => null,
            1 => new BandwidthFigures(random.NextInt64(), random.NextDouble(), null),
            _ => new BandwidthFigures(random.NextInt64(), random.NextDouble() * 1e9, random.NextDouble() * 1e9),
        }),
        Encode = static result => result.Write(),
        Parse = static bytes => PeerResult.Read(bytes),
        Describe = static bytes => new Layout(bytes).Number(8).Choice().Number(8).Number(8).Number(8).Done(),
        IsDeclared = static e => e is ToolException,
        IsRefusal = static _ => false,
    };
}
