using System.Buffers.Binary;
using System.Net;
using RdmaCollectives.Bootstrap.Handshake;

namespace RdmaCollectives.Bootstrap;

/// <summary>What the others know of a member of the job.</summary>
/// <param name="Who">Rank, process and host, as it has proved them.</param>
/// <param name="Origin">By what its process can be watched on its own host.</param>
/// <param name="Listens">
/// Where it waits for the other ranks. An address of all interfaces (0.0.0.0, ::) stands for the host of the rendezvous: it reached that over loopback, and is reached where others reach that host. Null: nowhere.
/// </param>
internal sealed record MemberIdentity(JoinIdentity Who, ProcessOrigin Origin, IPEndPoint? Listens)
{
    private const int FixedBytes = ProcessOrigin.ByteSize + sizeof(ushort) + 1;

    public int Rank => Who.Rank;

    /// <summary>All but <see cref="Who"/>, which the handshake has told before: the payload of <see cref="FrameKind.Here"/>.</summary>
    public byte[] WriteDetails()
    {
        byte[] address = Listens?.Address.GetAddressBytes() ?? [];
        byte[] bytes = new byte[FixedBytes + address.Length];
        Origin.Write(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(ProcessOrigin.ByteSize), (ushort)(Listens?.Port ?? 0));
        bytes[FixedBytes - 1] = (byte)address.Length;
        address.CopyTo(bytes, FixedBytes);
        return bytes;
    }

    /// <exception cref="CollectiveException">These are not the bytes of <see cref="WriteDetails"/>.</exception>
    public static MemberIdentity ReadDetails(JoinIdentity who, ReadOnlySpan<byte> from) =>
        TryReadDetails(who, from, out int length) is { } identity && length == from.Length
            ? identity
            : throw new CollectiveException(Error.Protocol, $"{who} introduced itself in {from.Length} bytes that can't be read.");

    /// <summary>As an entry of the list of members, without the job id, which all have alike.</summary>
    public byte[] Write() => [.. WriteDetails(), .. (Who with { JobId = "" }).Write()];

    /// <summary>Null when these are not the bytes of an entry.</summary>
    public static MemberIdentity? TryRead(ReadOnlySpan<byte> from)
    {
        MemberIdentity? details = TryReadDetails(null!, from, out int length);
        return details is not null && JoinIdentity.TryRead(from[length..]) is { JobId.Length: 0 } who ? details with { Who = who } : null;
    }

    public override string ToString() => Who.ToString();

    private static MemberIdentity? TryReadDetails(JoinIdentity who, ReadOnlySpan<byte> from, out int length)
    {
        length = from.Length < FixedBytes ? int.MaxValue : FixedBytes + from[FixedBytes - 1];
        if (from.Length < length || from[FixedBytes - 1] is not (0 or 4 or 16))
        {
            return null;
        }

        ushort port = BinaryPrimitives.ReadUInt16LittleEndian(from[ProcessOrigin.ByteSize..]);
        ReadOnlySpan<byte> address = from[FixedBytes..length];
        return (address.Length == 0) == (port == 0)
            ? new MemberIdentity(who, ProcessOrigin.Read(from), address.Length == 0 ? null : new IPEndPoint(new IPAddress(address), port))
            : null;
    }
}
