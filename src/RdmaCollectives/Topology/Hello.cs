using System.Buffers.Binary;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Topology;

/// <summary>What every rank tells all others first: the options that must be equal, where it runs and on which processors, and (rank 0's counts) a random number for the communicator.</summary>
internal readonly record struct Hello(int ChunkBytes, int Slots, int Channels, byte TransportMask, Guid Host, ulong CommunicatorId, bool BitExact = false, EncryptionScope Encryption = EncryptionScope.Off,
    byte ServiceLevel = 0, byte TrafficClass = 0, int FlowLabel = 0, uint Processors = 0)
{
    public const int ByteSize = 52;

    public static Hello Of(ResolvedOptions options, ulong communicatorId)
    {
        byte mask = 0;
        for (int index = 0; index < TransportIndex.Count; index++)
        {
            mask |= (byte)(options.AllowedTransports[index] ? 1 << index : 0);
        }

        return new Hello(options.ChunkBytes, options.Slots, options.Channels, mask, HostIdentity.HashOf(HostIdentity.Of(options)), communicatorId, options.BitExact, options.Encryption,
            (byte)options.ServiceLevel, (byte)options.TrafficClass, options.FlowLabel, AllowedProcessors.Hash());
    }

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[ByteSize];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, ChunkBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Slots);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Channels);
        bytes[12] = TransportMask;
        bytes[13] = BitExact ? (byte)1 : (byte)0;
        bytes[14] = (byte)Encryption;
        bytes[15] = ServiceLevel;
        Host.TryWriteBytes(bytes.AsSpan(16));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), CommunicatorId);
        bytes[40] = TrafficClass;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(44), FlowLabel);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(48), Processors);
        return bytes;
    }

    /// <exception cref="RendezvousException">The rank said something else.</exception>
    public static Hello Read(int rank, ReadOnlySpan<byte> from)
    {
        if (from.Length != ByteSize)
        {
            throw new RendezvousException($"Rank {rank} introduced itself with {from.Length} bytes instead of {ByteSize}: it runs another version. Use one version on all ranks.", peer: rank);
        }

        var hello = new Hello(
            BinaryPrimitives.ReadInt32LittleEndian(from),
            BinaryPrimitives.ReadInt32LittleEndian(from[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[8..]),
            from[12],
            new Guid(from.Slice(16, 16)),
            BinaryPrimitives.ReadUInt64LittleEndian(from[32..]),
            from[13] != 0,
            (EncryptionScope)from[14],
            from[15],
            from[40],
            BinaryPrimitives.ReadInt32LittleEndian(from[44..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[48..]));
        return from.SequenceEqual(hello.ToBytes()) && Enum.IsDefined(hello.Encryption)
            ? hello
            : throw new RendezvousException($"Rank {rank} introduced itself with bytes that mean nothing here: it runs another version. Use one version on all ranks.", peer: rank);
    }

    /// <summary>Whether the rank may use a transport.</summary>
    public bool Allows(int transportIndex) => (TransportMask >> transportIndex & 1) != 0;

    /// <summary>How many ranks, itself counted, run on the host of a rank and on the same processors of it.</summary>
    public static int RivalsOf(int rank, ReadOnlySpan<Hello> hellos)
    {
        int rivals = 0;
        foreach (Hello hello in hellos)
        {
            rivals += hello.Host == hellos[rank].Host && hello.Processors == hellos[rank].Processors ? 1 : 0;
        }

        return rivals;
    }

    /// <summary>Throws where a rank has other options than rank 0: message boundaries would differ.</summary>
    public static void RequireEqual(ReadOnlySpan<Hello> hellos)
    {
        Hello first = hellos[0];
        for (int rank = 1; rank < hellos.Length; rank++)
        {
            Hello other = hellos[rank];
            Require(rank, "RDMACC_CHUNK_BYTES", first.ChunkBytes, other.ChunkBytes);
            Require(rank, "RDMACC_SLOTS", first.Slots, other.Slots);
            Require(rank, "RDMACC_CHANNELS", first.Channels, other.Channels);
            Require(rank, "RDMACC_BIT_EXACT", first.BitExact ? 1 : 0, other.BitExact ? 1 : 0);
            Require(rank, "RDMACC_ENCRYPT", $"{first.Encryption}", $"{other.Encryption}");
            Require(rank, "RDMACC_SERVICE_LEVEL", first.ServiceLevel, other.ServiceLevel);
            Require(rank, "RDMACC_TRAFFIC_CLASS", first.TrafficClass, other.TrafficClass);
            Require(rank, "RDMACC_FLOW_LABEL", ShowLabel(first.FlowLabel), ShowLabel(other.FlowLabel));
        }
    }

    private static string ShowLabel(int label) => label == ResolvedOptions.AutomaticFlowLabel ? "auto" : $"{label}";

    private static void Require<T>(int rank, string name, T first, T other)
        where T : IEquatable<T>
    {
        if (!first.Equals(other))
        {
            throw new RendezvousException($"{name} is {first} on rank 0 and {other} on rank {rank}: give all ranks the same value.", peer: rank);
        }
    }
}
