using System.Net;
using System.Net.Sockets;

namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>Where a rank waits for the control connections of the others.</summary>
internal static class MeshListener
{
    /// <summary>
    /// Listens at the address by which this rank reached the rendezvous: where that goes, the others can go too. Over loopback or a unix socket it is known to live on the rendezvous' host, and the others are told
    /// so by an address of all interfaces, unless the rendezvous itself is named by a loopback address, which none but ranks of this host can use. Null: there is no such address; its pairs are relayed.
    /// </summary>
    /// <param name="local">This end of the connection to the rendezvous; null for a unix socket.</param>
    /// <param name="rendezvousHost">As the options name it.</param>
    public static Socket? Listen(IPAddress? local, string rendezvousHost)
    {
        bool isNamedLoopback = string.Equals(rendezvousHost, "localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(rendezvousHost, out IPAddress? named) && IPAddress.IsLoopback(named));
        IPAddress at = local is null ? IPAddress.Loopback
            : !IPAddress.IsLoopback(local) ? local
            : isNamedLoopback ? local
            : local.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
        var listener = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            listener.Bind(new IPEndPoint(at, 0));
            listener.Listen(512);
            return listener;
        }
        catch (SocketException)
        {
            listener.Dispose();
            return null;
        }
    }

    /// <summary>Where another rank finds what <paramref name="listens"/> names.</summary>
    /// <param name="listens">As the member list tells it.</param>
    /// <param name="rendezvous">Where this rank reached the rendezvous; null for a unix socket.</param>
    public static IPEndPoint Reached(IPEndPoint listens, IPAddress? rendezvous) =>
        listens.Address.Equals(IPAddress.Any) || listens.Address.Equals(IPAddress.IPv6Any)
            ? new IPEndPoint(rendezvous ?? IPAddress.Loopback, listens.Port)
            : listens;
}
