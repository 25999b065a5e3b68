using System.Net;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs.ConnectionManagement;

/// <summary>Waits on an IP address and port for peers that ask for a connection.</summary>
public sealed unsafe class RdmaListener : IDisposable
{
    private readonly EventChannel _events;
    private readonly ConnectionHandle _handle;
    private readonly string _name;

    /// <summary>Listens on <paramref name="local"/>; port 0 takes a free one, an unspecified address all devices.</summary>
    /// <param name="local">Where.</param>
    /// <param name="backlog">Requests that may wait to be taken.</param>
    /// <exception cref="PlatformNotSupportedException">librdmacm is missing.</exception>
    /// <exception cref="VerbsException">The address is not of this host, or in use.</exception>
    public RdmaListener(IPEndPoint local, int backlog = 128)
    {
        ArgumentNullException.ThrowIfNull(local);
        _name = $"listener on {local}";
        _events = new EventChannel();
        try
        {
            _handle = RdmaConnection.CreateHandle(_events, _name);
            sockaddr_storage address = SocketAddresses.ToNative(local);
            NativeResult.ThrowIfMinusOne(librdmacm.rdma_bind_addr(_handle, &address), "rdma_bind_addr", _name, BindRemedy);
            NativeResult.ThrowIfMinusOne(librdmacm.rdma_listen(_handle, backlog), "rdma_listen", _name, BindRemedy);
            LocalEndPoint = SocketAddresses.ToEndPoint(&_handle.Native->route.addr.src_storage) ?? local;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The address, with the port that was taken.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Readable when there are requests: for poll(2) and epoll(7).</summary>
    public int FileDescriptor => _events.FileDescriptor;

    /// <summary>Waits for a request. Null when <paramref name="timeout"/> passed first; a negative one waits for ever.</summary>
    /// <returns>A connection on which the caller creates a queue pair and then calls Accept, or Reject; it disposes it.</returns>
    public RdmaConnection? TakeRequest(TimeSpan timeout)
    {
        ConnectionEvent? taken = _events.Take(timeout);
        if (taken is null)
            return null;
        taken.ThrowUnless(ConnectionEventType.ConnectRequest, "waiting for a request", _name);
        return RdmaConnection.FromRequest(taken);
    }

    /// <summary>Stops listening; requests that were not taken are refused.</summary>
    public void Dispose()
    {
        _handle?.Dispose();
        _events.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => _name;

    private static string? BindRemedy(int error) => error switch
    {
        libc.EADDRINUSE => "Another program listens there.",
        libc.ENODEV or libc.EADDRNOTAVAIL => "The address must be one of this host's, on a network interface that has an RDMA device (see `rdma link`).",
        _ => null,
    };
}
