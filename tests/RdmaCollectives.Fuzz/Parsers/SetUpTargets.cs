using System.Net;
using RdmaCollectives.Fuzz.Engine;
using RdmaCollectives.Memory;
using RdmaCollectives.Topology;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.Rdma;
using RdmaCollectives.Transports.SharedMemory;
using RdmaCollectives.Transports.Tcp;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Fuzz.Parsers;

/// <summary>What ranks tell each other while a communicator is made.</summary>
internal static class SetUpTargets
{
    public static FuzzTarget HelloOf() => new CodecTarget<Hello>
    {
        Title = "hello",
        Files = ["Topology/Hello.cs"],
        Make = static random => new Hello(Make.Int(random), Make.Int(random), Make.Int(random), (byte)random.Next(1 << TransportIndex.Count), new Guid(Make.Bytes(random, 16)), Make.ULong(random), random.Next(2) == 0, EncryptionScope.Off, (byte)random.Next(16), (byte)random.Next(256), Make.Int(random), Make.UInt(random)),
        Encode = static hello => hello.ToBytes(),
        Parse = static bytes => Hello.Read(1, bytes),
        Describe = static bytes => new Layout(bytes).Number(4).Number(4).Number(4).Choice().Choice().Opaque(2).Opaque(16).Number(8).Opaque(12).Done(),
        IsDeclared = static e => e is RendezvousException,
        IsRefusal = static _ => false,
    };

    /// <summary>The table of what a rank says of each of its transports.</summary>
    public static FuzzTarget Descriptions() => new CodecTarget<byte[]?[]>
    {
        Title = "transport-descriptions",
        Files = ["Topology/TransportSet.cs"],
        Make = static random => [.. Enumerable.Range(0, TransportIndex.Count).Select(_ => random.Next(3) == 0 ? null : Make.Bytes(random, random.Next(40)))],
        Encode = static descriptions =>
        {
            using var stream = new MemoryStream();
            foreach (byte[]? description in descriptions)
            {
                stream.Write(BitConverter.GetBytes(description is null ? ushort.MaxValue : (ushort)description.Length));
                stream.Write(description ?? []);
            }

            return stream.ToArray();
        },
        Parse = static bytes => [.. Enumerable.Range(0, TransportIndex.Count).Select(index => TransportSet.DescriptionOf(1, bytes, index))],
        AreEqual = static (one, other) => one.Zip(other).All(static pair => (pair.First ?? []).AsSpan().SequenceEqual(pair.Second) && pair.First is null == pair.Second is null),
        Describe = static bytes =>
        {
            var layout = new Layout(bytes);
            while (!layout.IsAtEnd)
            {
                int length = layout.PeekShort();
                layout.Size(2).Opaque(length == ushort.MaxValue ? 0 : length);
            }

            return layout.Done();
        },
        IsDeclared = static e => e is RendezvousException,
        IsRefusal = static _ => false,
    };

    public static FuzzTarget SharedMemory() => new CodecTarget<RankDescription?>
    {
        Title = "shm-description",
        Files = ["SharedMemory/RankDescription.cs", "Memory/SegmentAddress.cs"],
        Make = static random => new RankDescription(Make.Text(random, 100), Make.Text(random, 40), Segment(random), Segment(random), Make.Bytes(random, RankSegment.NonceBytes)),
        Encode = static description => description!.ToBytes(),
        Parse = static bytes => RankDescription.Read(bytes),
        AreEqual = static (one, other) => one!.ToBytes().AsSpan().SequenceEqual(other!.ToBytes()),
        Describe = static bytes =>
        {
            var layout = new Layout(bytes);
            layout.Choice();
            int host = layout.Peek();
            layout.Size(1).Text(host);
            int space = layout.Peek();
            layout.Size(1).Text(space).Opaque(RankSegment.NonceBytes);
            return DescribeSegment(DescribeSegment(layout)).Done();
        },
        IsDeclared = static _ => false,
    };

    public static FuzzTarget Segments() => new CodecTarget<SegmentAddress?>
    {
        Title = "segment-address",
        Files = ["Memory/SegmentAddress.cs", "Memory/NamedSegment.cs"],
        Make = static random => Segment(random),
        Encode = static address => address!.Value.ToBytes(),
        Parse = static bytes => SegmentAddress.Read(bytes, out int count) is { } address && count == bytes.Length ? address : null,
        Describe = static bytes => DescribeSegment(new Layout(bytes)).Done(FieldKind.Text),
        IsDeclared = static _ => false,
        WhatIsWrong = static address => address!.Value.ByteCount < 0 ? "the size is negative"
            : address.Value.OpenPath.Contains('\0') ? "the path has a NUL, so the kernel opens another"
            : address.Value.Kind == SegmentKind.Memfd && (address.Value.ProcessId <= 0 || address.Value.Descriptor < 0) ? "no process has such a number"
            : null,
    };

    public static FuzzTarget Tcp() => new CodecTarget<TcpDescription>
    {
        Title = "tcp-description",
        Files = ["Tcp/TcpDescription.cs"],
        Make = static random => new TcpDescription(Make.Text(random, 512), [.. Enumerable.Range(0, random.Next(TcpDescription.MaxCandidates + 1)).Select(_ => new Candidate(Make.Text(random, 64), Make.Address(random), random.Next(65536), random.Next(2) == 0))]),
        Encode = static description => description.ToBytes(),
        Parse = static bytes => TcpDescription.Parse(bytes),
        AreEqual = static (one, other) => one.HostIdentity == other.HostIdentity && one.Candidates.SequenceEqual(other.Candidates),
        Describe = static bytes =>
        {
            var layout = new Layout(bytes);
            layout.Choice();
            int identity = layout.PeekShort();
            layout.Size(2).Text(identity).Size(1);
            while (!layout.IsAtEnd)
            {
                int address = layout.Peek();
                layout.Size(1).Opaque(address).Number(2).Choice();
                int name = layout.PeekShort();
                layout.Size(2).Text(name);
            }

            return layout.Done();
        },
        IsDeclared = static e => e is InvalidDataException,
    };

    public static FuzzTarget Rdma() => new CodecTarget<RdmaDescription[]?>
    {
        Title = "rdma-description",
        Files = ["Rdma/RdmaDescription.cs", "Rdma/RailDescriptions.cs"],
        Make = static random => [.. Enumerable.Range(0, random.Next(1, RailDescriptions.MaximumRails + 1)).Select(_ =>
            new RdmaDescription(Make.Enum<LinkLayer>(random), Make.Enum<GidType>(random), random.Next(2) == 0, Make.Enum<PathMtu>(random), new PartitionKey((ushort)random.Next(1 << 16)), "d" + Make.Text(random, 60)))],
        Encode = static rails => RailDescriptions.ToBytes(rails!),
        Parse = static bytes =>
        {
            RdmaDescription[]? read = RailDescriptions.TryRead(bytes);
            _ = read?[0].WhyNotReachable(new RdmaDescription(LinkLayer.Ethernet, GidType.RoceV2, true, (PathMtu)3, PartitionKey.Default, "rxe0"));
            return read;
        },
        AreEqual = static (one, other) => one is null ? other is null : other is not null && one.SequenceEqual(other),
        Describe = static bytes =>
        {
            var layout = new Layout(bytes);
            while (!layout.IsAtEnd)
            {
                int length = layout.Peek();
                layout.Size(1).Choice().Choice().Choice().Choice().Opaque(2).Text(length - 6);
            }

            return layout.Done();
        },
        IsDeclared = static _ => false,
    };

    public static FuzzTarget RdmaEndpoints() => new CodecTarget<RdmaEndpoint?>
    {
        Title = "rdma-endpoint",
        Files = ["Rdma/RdmaEndpoint.cs"],
        Make = static random => new RdmaEndpoint(new QueuePairAddress(Make.UInt(random), Make.UInt(random), (ushort)random.Next(65536), new Gid(Make.Bytes(random, 16))), Make.ULong(random), Make.ULong(random), Make.UInt(random)),
        Encode = static endpoint =>
        {
            byte[] bytes = new byte[RdmaEndpoint.ByteSize];
            endpoint!.Value.WriteBytes(bytes);
            return bytes;
        },
        Parse = static bytes => bytes.Length == RdmaEndpoint.ByteSize ? RdmaEndpoint.ReadBytes(bytes) : null, // RdmaPendingConnection looks at the length
        Describe = static bytes => new Layout(bytes).Number(4).Number(4).Number(2).Opaque(16).Number(8).Number(8).Number(4).Done(),
        IsDeclared = static _ => false,
    };

    public static FuzzTarget Paths() => new CodecTarget<PathMessage?>
    {
        Title = "path-message",
        Files = ["Rdma/PathMessage.cs"],
        Make = static random => new PathMessage(
            (PathMessageKind)random.Next(1, 6),
            random.Next(65536),
            Make.UInt(random),
            new RailSet(Make.UInt(random), Make.UInt(random)),
            random.Next(2) == 0,
            new MessageCounts(Make.ULong(random), Make.ULong(random), Make.ULong(random)),
            new RdmaEndpoint(new QueuePairAddress(Make.UInt(random), Make.UInt(random), (ushort)random.Next(65536), new Gid(Make.Bytes(random, 16))), Make.ULong(random), Make.ULong(random), Make.UInt(random)),
            random.Next(2) == 0 ? "" : Make.Text(random, 200)),
        Encode = static message => message!.Value.ToBytes(),
        Parse = static bytes => PathMessage.TryRead(bytes),
        Describe = static bytes => new Layout(bytes).Choice().Choice().Number(2).Number(4).Number(4).Number(4).Number(8).Number(8).Number(8).Opaque(RdmaEndpoint.ByteSize).Text(Math.Max(0, bytes.Length - PathMessage.ByteSize)).Done(),
        IsDeclared = static _ => false,
    };

    private static SegmentAddress Segment(Random random) => random.Next(2) == 0
        ? new SegmentAddress(SegmentKind.Memfd, random.Next(1, int.MaxValue), random.Next(int.MaxValue), random.NextInt64(long.MaxValue), null)
        : new SegmentAddress(SegmentKind.Named, random.Next(1, int.MaxValue), random.Next(int.MaxValue), random.NextInt64(long.MaxValue), NamedSegment.NewPath());

    private static Layout DescribeSegment(Layout layout)
    {
        int path = layout.Peek(17);
        return layout.Choice().Number(4).Number(4).Number(8).Size(1).Text(path);
    }
}
