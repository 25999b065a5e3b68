using System.Text;
using RdmaCollectives.Memory;

namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>What a rank tells all others of its shared memory.</summary>
internal sealed record RankDescription(string HostId, string PidNamespace, SegmentAddress Segment, SegmentAddress WakePipe, byte[] Nonce)
{
    private const byte Version = 1;

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Version);
        writer.Write(HostId);
        writer.Write(PidNamespace);
        writer.Write(Nonce);
        writer.Write(Segment.ToBytes());
        writer.Write(WakePipe.ToBytes());
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Null for bytes that are not one.</summary>
    public static RankDescription? Read(ReadOnlySpan<byte> from)
    {
        using var reader = new BinaryReader(new MemoryStream(from.ToArray()), Encoding.UTF8);
        try
        {
            if (reader.ReadByte() != Version)
            {
                return null;
            }

            string hostId = reader.ReadString();
            string pidNamespace = reader.ReadString();
            byte[] nonce = reader.ReadBytes(RankSegment.NonceBytes);
            ReadOnlySpan<byte> rest = from[(int)reader.BaseStream.Position..];
            if (SegmentAddress.Read(rest, out int segmentBytes) is not { } segment || SegmentAddress.Read(rest[segmentBytes..], out _) is not { } pipe)
            {
                return null;
            }

            var description = new RankDescription(hostId, pidNamespace, segment, pipe, nonce);
            return from.SequenceEqual(description.ToBytes()) ? description : null; // nothing rides along, and there is one way to write it
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            return null;
        }
    }
}
