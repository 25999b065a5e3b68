using System.Net;
using System.Net.Sockets;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs.ConnectionManagement;

/// <summary>Native socket addresses from and to end points.</summary>
internal static unsafe class SocketAddresses
{
    internal static sockaddr_storage ToNative(IPEndPoint endPoint)
    {
        sockaddr_storage native = default;
        endPoint.Serialize().Buffer.Span.CopyTo(new Span<byte>(&native, sizeof(sockaddr_storage)));
        return native;
    }

    /// <summary>The end point in <paramref name="native"/>; null when it is not an IP address.</summary>
    internal static IPEndPoint? ToEndPoint(sockaddr_storage* native)
    {
        SocketAddress address = new((AddressFamily)0, sizeof(sockaddr_storage));
        new ReadOnlySpan<byte>(native, sizeof(sockaddr_storage)).CopyTo(address.Buffer.Span);
        IPEndPoint? pattern = address.Family switch
        {
            AddressFamily.InterNetwork => new IPEndPoint(IPAddress.Any, 0),
            AddressFamily.InterNetworkV6 => new IPEndPoint(IPAddress.IPv6Any, 0),
            _ => null,
        };
        if (pattern is null)
            return null;
        address.Size = pattern.Serialize().Size;
        return (IPEndPoint)pattern.Create(address);
    }
}
