using System.Net;
using System.Runtime.InteropServices;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs.ConnectionManagement;

/// <summary>
/// One end of a connection that librdmacm makes by IP address: the only way for iWARP, a convenient one elsewhere.
/// Connecting: <see cref="Resolve"/>, <see cref="CreateQueuePair"/>, <see cref="Connect"/>. Accepting: <see cref="RdmaListener.TakeRequest"/>,
/// <see cref="CreateQueuePair"/>, <see cref="Accept"/>. The library takes the queue pair through its states. Not for several threads at a time.
/// </summary>
public sealed unsafe class RdmaConnection : IDisposable
{
    private readonly EventChannel _events;
    private readonly ConnectionHandle _handle;

    private RdmaConnection(EventChannel events, ConnectionHandle handle)
    {
        _events = events;
        _handle = handle;
        ibv_context* verbs = handle.Native->verbs;
        Context = new DeviceContext(new ContextHandle(handle, verbs),
            NativeText.Read(verbs->device->name, verbs_constants.IBV_SYSFS_NAME_MAX),
            NativeText.Read(verbs->device->ibdev_path, verbs_constants.IBV_SYSFS_PATH_MAX));
        LocalEndPoint = SocketAddresses.ToEndPoint(&handle.Native->route.addr.src_storage);
        RemoteEndPoint = SocketAddresses.ToEndPoint(&handle.Native->route.addr.dst_storage);
        Port = handle.Native->port_num;
    }

    /// <summary>The device that the connection uses, opened by librdmacm; protection domain and completion queues are made from it.</summary>
    public DeviceContext Context { get; }

    /// <summary>The device's port, from 1.</summary>
    public int Port { get; }

    /// <summary>This end.</summary>
    public IPEndPoint? LocalEndPoint { get; }

    /// <summary>The other end.</summary>
    public IPEndPoint? RemoteEndPoint { get; }

    /// <summary>What the peer sent with its request or its answer; some transports fill it up with zeros.</summary>
    public ReadOnlyMemory<byte> PeerData { get; private set; }

    /// <summary>Readable when there are events, for instance that the peer disconnected: for poll(2) and epoll(7).</summary>
    public int FileDescriptor => _events.FileDescriptor;

    internal ConnectionHandle Handle => _handle.IsDisposed ? throw new ObjectDisposedException(ToString()) : _handle;

    /// <summary>Finds the device and the route to <paramref name="remote"/>.</summary>
    /// <param name="remote">The peer's listener.</param>
    /// <param name="timeout">How long to wait for each of address and route.</param>
    /// <param name="local">The address to come from, or null for the one that the routing table gives.</param>
    /// <exception cref="PlatformNotSupportedException">librdmacm is missing.</exception>
    /// <exception cref="VerbsException">There is no RDMA device on the way there.</exception>
    public static RdmaConnection Resolve(IPEndPoint remote, TimeSpan timeout, IPEndPoint? local = null)
    {
        ArgumentNullException.ThrowIfNull(remote);
        string name = $"connection to {remote}";
        EventChannel events = new();
        ConnectionHandle? handle = null;
        try
        {
            handle = CreateHandle(events, name);
            int milliseconds = (int)Math.Clamp(timeout.TotalMilliseconds, 1, int.MaxValue);
            sockaddr_storage destination = SocketAddresses.ToNative(remote);
            sockaddr_storage source = local is null ? default : SocketAddresses.ToNative(local);
            NativeResult.ThrowIfMinusOne(librdmacm.rdma_resolve_addr(handle, local is null ? null : &source, &destination, milliseconds), "rdma_resolve_addr", name,
                error => error is libc.ENODEV or libc.EADDRNOTAVAIL or libc.ENETUNREACH
                    ? "No RDMA device leads there: check `ip route get` and `rdma link`." : null);
            events.Expect(ConnectionEventType.AddressResolved, timeout, "rdma_resolve_addr", name);
            NativeResult.ThrowIfMinusOne(librdmacm.rdma_resolve_route(handle, milliseconds), "rdma_resolve_route", name);
            events.Expect(ConnectionEventType.RouteResolved, timeout, "rdma_resolve_route", name);
            return new RdmaConnection(events, handle);
        }
        catch
        {
            handle?.Dispose();
            events.Dispose();
            throw;
        }
    }

    /// <summary>Makes the queue pair of this connection, in state INIT: receives can be posted before Connect or Accept.</summary>
    /// <param name="domain">A protection domain made from <see cref="Context"/>, or from another context of librdmacm for the same device.</param>
    /// <param name="options">Its queues, made from the same.</param>
    public QueuePair CreateQueuePair(ProtectionDomain domain, QueuePairOptions options) => new(domain, options, this);

    /// <summary>Asks the peer for the connection and waits for its answer.</summary>
    /// <exception cref="VerbsException">The peer refused or did not answer in time.</exception>
    public void Connect(ConnectionParameters parameters, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        fixed (byte* data = parameters.PrivateData.Span)
        {
            rdma_conn_param native = ToNative(parameters, data, ConnectionParameters.MaxConnectPrivateByteCount);
            NativeResult.ThrowIfMinusOne(librdmacm.rdma_connect(Handle, &native), "rdma_connect", this);
        }
        PeerData = _events.Expect(ConnectionEventType.Established, timeout, "rdma_connect", this).PrivateData;
    }

    /// <summary>Grants a peer's request and waits until the connection works.</summary>
    /// <exception cref="VerbsException">The peer gave up or did not answer in time.</exception>
    public void Accept(ConnectionParameters parameters, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        fixed (byte* data = parameters.PrivateData.Span)
        {
            rdma_conn_param native = ToNative(parameters, data, 196);
            NativeResult.ThrowIfMinusOne(librdmacm.rdma_accept(Handle, &native), "rdma_accept", this);
        }
        _events.Expect(ConnectionEventType.Established, timeout, "rdma_accept", this);
    }

    /// <summary>Refuses a peer's request.</summary>
    public void Reject(ReadOnlySpan<byte> privateData = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(privateData.Length, 148, nameof(privateData));
        fixed (byte* data = privateData)
            NativeResult.ThrowIfMinusOne(librdmacm.rdma_reject(Handle, data, (byte)privateData.Length), "rdma_reject", this);
    }

    /// <summary>Ends the connection: the queue pair goes to ERR here and the peer gets <see cref="ConnectionEventType.Disconnected"/>.</summary>
    public void Disconnect() => NativeResult.ThrowIfMinusOne(librdmacm.rdma_disconnect(Handle), "rdma_disconnect", this);

    /// <summary>Waits for an event of this connection. Null when <paramref name="timeout"/> passed first; a negative one waits for ever.</summary>
    public ConnectionEvent? TakeEvent(TimeSpan timeout) => _events.Take(timeout);

    /// <summary>Gives it up; the native connection is destroyed when its queue pair, and what was made from its <see cref="Context"/>, are gone.</summary>
    public void Dispose()
    {
        Context.Dispose();
        _handle.Dispose();
        _events.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => $"connection {LocalEndPoint} - {RemoteEndPoint} on {Context}";

    internal static ConnectionHandle CreateHandle(EventChannel events, string name)
    {
        ConnectionHandle handle = new(events.Handle);
        rdma_cm_id* id = null;
        int result = librdmacm.rdma_create_id(events.Handle, &id, null, rdma_port_space.RDMA_PS_TCP);
        handle.Adopt(result == 0 ? id : null, "rdma_create_id", name);
        return handle;
    }

    /// <summary>Takes over the new connection of a request, and moves it to an event channel of its own.</summary>
    internal static RdmaConnection FromRequest(ConnectionEvent request)
    {
        EventChannel events = new();
        ConnectionHandle handle = new(events.Handle);
        try
        {
            int moved = librdmacm.rdma_migrate_id(request.Id, events.Handle);
            int error = moved == 0 ? 0 : Marshal.GetLastPInvokeError();
            // Owned from here on, moved or not.
            handle.Adopt(request.Id, "rdma_migrate_id", events);
            NativeResult.ThrowIfErrno(error, "rdma_migrate_id", events);
            return new RdmaConnection(events, handle) { PeerData = request.PrivateData };
        }
        catch
        {
            handle.Dispose();
            events.Dispose();
            throw;
        }
    }

    /// <summary>Makes the native queue pair; null with errno when that failed.</summary>
    internal ibv_qp* CreateNative(ProtectionDomainHandle domain, ibv_qp_init_attr* request) =>
        librdmacm.rdma_create_qp(Handle, domain, request) == 0 ? Handle.Native->qp : null;

    private static rdma_conn_param ToNative(ConnectionParameters parameters, byte* data, int maxByteCount)
    {
        if (parameters.PrivateData.Length > maxByteCount)
            throw new ArgumentException($"{nameof(ConnectionParameters.PrivateData)} has {parameters.PrivateData.Length} bytes; at most {maxByteCount} fit.", nameof(parameters));
        return new rdma_conn_param
        {
            private_data = data,
            private_data_len = (byte)parameters.PrivateData.Length,
            responder_resources = parameters.MaxReadsAsTarget,
            initiator_depth = parameters.MaxReadsAsInitiator,
            retry_count = parameters.RetryCount,
            rnr_retry_count = parameters.ReceiverNotReadyRetryCount,
        };
    }
}
