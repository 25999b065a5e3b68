using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap.Handshake;

/// <summary>Who wants to join what; part of the transcript that both ends prove.</summary>
internal sealed record JoinIdentity(int Rank, int WorldSize, int Epoch, int ProcessId, string HostName, string JobId)
{
    public const int MaxHostNameBytes = 64;
    public const int MaxJobIdBytes = 128;

    /// <summary>The rank of a process that comes after the start: the rendezvous gives it one.</summary>
    public const int NewcomerRank = -1;
    private const int FixedBytes = 18;

    public bool IsNewcomer => Rank == NewcomerRank;

    public static JoinIdentity OfThisProcess(int rank, int worldSize, string jobId) =>
        new(rank, worldSize, WireProtocol.FirstEpoch, Environment.ProcessId, Environment.MachineName, jobId);

    public byte[] Write()
    {
        byte[] host = TravellingText.Shortened(HostName, MaxHostNameBytes);
        byte[] job = Encoding.UTF8.GetBytes(JobId); // OptionResolver keeps it within MaxJobIdBytes
        byte[] bytes = new byte[FixedBytes + host.Length + job.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Rank);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), WorldSize);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Epoch);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), ProcessId);
        bytes[16] = checked((byte)host.Length);
        bytes[17] = checked((byte)job.Length);
        host.CopyTo(bytes, FixedBytes);
        job.CopyTo(bytes, FixedBytes + host.Length);
        return bytes;
    }

    /// <summary>Null when these are not the bytes of an identity.</summary>
    public static JoinIdentity? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FixedBytes || bytes.Length != FixedBytes + bytes[16] + bytes[17] || bytes[16] > MaxHostNameBytes || bytes[17] > MaxJobIdBytes || !Utf8.IsValid(bytes.Slice(FixedBytes, bytes[16])) || !Utf8.IsValid(bytes[(FixedBytes + bytes[16])..]))
        {
            return null;
        }

        return new JoinIdentity(
            BinaryPrimitives.ReadInt32LittleEndian(bytes),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            Encoding.UTF8.GetString(bytes.Slice(FixedBytes, bytes[16])),
            Encoding.UTF8.GetString(bytes[(FixedBytes + bytes[16])..]));
    }

    /// <summary>For people: <c>rank 3 (process 77 on node-a)</c>.</summary>
    public override string ToString() => IsNewcomer
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"a newcomer (process {ProcessId} on {HostName})")
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"rank {Rank} (process {ProcessId} on {HostName})");
}
