using System.Buffers.Binary;
using System.Net;

namespace RdmaCollectives.Verbs;

/// <summary>A global identifier: the 128-bit address of a port. On RoCE it is an IP address, IPv4 in its IPv6-mapped form.</summary>
public readonly struct Gid : IEquatable<Gid>
{
    /// <summary>The number of bytes of a GID.</summary>
    public const int ByteCount = 16;

    private readonly ulong _prefix;
    private readonly ulong _interface;

    /// <summary>The GID in <paramref name="bytes"/>, 16 of them, in network order.</summary>
    public Gid(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != ByteCount)
            throw new ArgumentException($"A GID has {ByteCount} bytes, not {bytes.Length}.", nameof(bytes));
        _prefix = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _interface = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
    }

    /// <summary>The upper half: on InfiniBand the subnet prefix.</summary>
    public ulong Prefix => _prefix;

    /// <summary>The lower half: on InfiniBand the port's GUID.</summary>
    public ulong InterfaceId => _interface;

    /// <summary>Whether no address is set.</summary>
    public bool IsEmpty => (_prefix | _interface) == 0;

    /// <summary>Whether it holds an IPv4 address (::ffff:a.b.c.d).</summary>
    public bool IsIPv4 => _prefix == 0 && _interface >> 32 == 0xffff;

    /// <summary>Whether it is valid on its own link only: fe80::/10, or 169.254.0.0/16.</summary>
    public bool IsLinkLocal => IsIPv4 ? (_interface & 0xffff0000) == 0xa9fe0000 : _prefix >> 54 == 0x3fa;

    /// <summary>Whether it never leaves the host: ::1, or 127.0.0.0/8.</summary>
    public bool IsLoopback => IsIPv4 ? (_interface & 0xff000000) == 0x7f000000 : _prefix == 0 && _interface == 1;

    /// <summary>The GID of an IP address.</summary>
    public static Gid FromAddress(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[ByteCount];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        return new Gid(bytes);
    }

    /// <summary>The GID that <paramref name="text"/> writes as an IPv4 or IPv6 address; false when it is neither.</summary>
    public static bool TryParse(string? text, out Gid gid)
    {
        bool isAddress = IPAddress.TryParse(text, out IPAddress? address);
        gid = isAddress ? FromAddress(address!) : default;
        return isAddress;
    }

    /// <summary>The IP address that it holds, IPv4 where it is mapped.</summary>
    public IPAddress ToAddress()
    {
        Span<byte> bytes = stackalloc byte[ByteCount];
        WriteBytes(bytes);
        IPAddress address = new(bytes);
        return IsIPv4 ? address.MapToIPv4() : address;
    }

    /// <summary>Writes its 16 bytes in network order.</summary>
    public void WriteBytes(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _prefix);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _interface);
    }

    /// <inheritdoc/>
    public bool Equals(Gid other) => _prefix == other._prefix && _interface == other._interface;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Gid other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_prefix, _interface);

    /// <summary>As an address: <c>10.1.2.3</c> where IPv4 is mapped, else in IPv6's notation.</summary>
    public override string ToString() => ToAddress().ToString();

    /// <summary>Whether two are the same.</summary>
    public static bool operator ==(Gid left, Gid right) => left.Equals(right);

    /// <summary>Whether two differ.</summary>
    public static bool operator !=(Gid left, Gid right) => !left.Equals(right);
}
