using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using RdmaCollectives.Transports.Interop;

namespace RdmaCollectives.Transports.Tcp;

/// <summary>
/// Messages over TCP sockets, one per connection (docs/adr/0003-tcp.md).
/// <para>
/// Sleep: one epoll descriptor holds every socket for input and output, edge-triggered, from connect to dispose, so no <c>epoll_ctl</c> is ever on the path. Level-triggered would
/// be readable all the time while a peer is ahead (data of a later step, or its end of file) and the sleeper would spin. An edge is an arrival, or room after an EAGAIN. <see cref="PrepareSleep"/>
/// forgets the edges so far and flushes what is queued; the caller's poll after it sees what those edges told; each arrival from then on is a new edge.
/// </para>
/// <para>
/// Fence: the gate is closed, so no thread of ours moves another byte, then the sockets are shut down, which tells the peers and wakes a sleeper. Descriptors are closed by <see cref="Dispose"/>,
/// under the progress token: no running call can see its number reused.
/// </para>
/// </summary>
internal sealed unsafe class TcpTransport : Transport
{
    private const int DrainedAtOnce = 32;

    private readonly ILogger _logger;
    private readonly FenceGate _gate = new();
    private readonly TcpAcceptor _acceptor;
    private readonly byte[] _description;
    private readonly SafeFileHandle _epoll;

    // Guards the list against Fence, which comes from any thread. Never taken on the path, which uses the array.
    private readonly Lock _connectionsLock = new();
    private TcpConnection[] _connections = [];
    private int _unsent;
    private bool _disposed;

    /// <exception cref="CollectiveException">No usable interface, or the system refused a descriptor; the message says which.</exception>
    public TcpTransport(TransportContext context, TcpSettings? settings = null)
        : base(context)
    {
        Settings = settings ?? new TcpSettings();
        _logger = context.LoggerFactory.CreateLogger<TcpTransport>();
        IReadOnlyList<Candidate> addresses = AddressSelector.Select(Settings.Addresses ?? LocalAddress.ReadAll(), context.Options.Interface, context.Rank);
        int epoll = SysEpoll.epoll_create1(SysEpoll.EPOLL_CLOEXEC);
        if (epoll < 0)
        {
            throw SystemRefused("epoll_create1", Errno.Last);
        }

        _epoll = new SafeFileHandle(epoll, ownsHandle: true);
        SleepDescriptor = epoll;
        try
        {
            _acceptor = new TcpAcceptor(addresses, Settings, context.Rank, _logger);
        }
        catch
        {
            _epoll.Dispose();
            throw;
        }

        HostId = HostIdentity.WithNetworkNamespace(context.Options);
        _description = new TcpDescription(HostId, _acceptor.Addresses).ToBytes();
        TcpLog.Listening(_logger, context.Rank, ListeningOn);
    }

    /// <inheritdoc/>
    public override string Name => TransportIndex.NameOf(TransportIndex.Tcp);

    /// <inheritdoc/>
    public override string Description =>
        $"tcp{(IsEncrypted ? ", encrypted (AES-256-GCM)" : "")}, listening on {ListeningOn} "
        + (Context.Options.Interface is { } filter ? $"(chosen by the interface option '{filter}')" : "(loopback for ranks of this host, then the fastest interface, bridges and tunnels last)");

    /// <summary>Whether messages are sealed.</summary>
    public bool IsEncrypted => Context.Options.Encryption != EncryptionScope.Off;

    /// <inheritdoc/>
    public override int SleepDescriptor { get; }

    public TcpSettings Settings { get; }

    public string HostId { get; }

    public bool IsFenced => _gate.IsClosed;

    public string ListeningOn => string.Join(", ", _acceptor.Addresses);

    /// <inheritdoc/>
    public override byte[] Describe() => _description;

    /// <inheritdoc/>
    public override string? WhyNotReachable(int peer, ReadOnlySpan<byte> description)
    {
        try
        {
            return TcpDescription.Parse(description).ReachableFrom(HostId).Count > 0 ? null : NoCommonAddress(peer);
        }
        catch (InvalidDataException e)
        {
            return $"rank {peer} described itself in a way that this rank does not understand: {e.Message}";
        }
    }

    public static string NoCommonAddress(int peer) =>
        $"rank {peer} has only loopback addresses, and is on another host or in another network namespace (RDMACC_HOST_ID, if set, says so)";

    /// <inheritdoc/>
    public override PendingConnection BeginConnect(int peer, int channelCount) => new TcpPendingConnection(this, _acceptor, peer, channelCount);

    /// <summary>Makes a connection of a socket whose greeting is over, which is the transport's once this has returned.</summary>
    public TcpConnection Adopt(int peer, int channel, Socket socket, RecordCipher? sealer, RecordCipher? opener)
    {
        try
        {
            TcpSocketOptions.SetForData(socket);
            TcpLog.Connected(_logger, Context.Rank, peer, channel, $"{socket.LocalEndPoint}", $"{socket.RemoteEndPoint}");
        }
        catch (SocketException e)
        {
            throw new CollectiveException(Error.Transport, $"The TCP connection to rank {peer} ended while it was made: {e.Message}.", Context.Rank, peer, nativeError: e.NativeErrorCode, innerException: e);
        }

        TcpConnection connection = new(this, _gate, peer, channel, socket, sealer, opener);
        byte* interest = stackalloc byte[SysEpoll.EventBytes];
        new Span<byte>(interest, SysEpoll.EventBytes).Clear();
        *(uint*)interest = SysEpoll.EPOLLIN | SysEpoll.EPOLLOUT | SysEpoll.EPOLLET;
        if (SysEpoll.epoll_ctl(SleepDescriptor, SysEpoll.EPOLL_CTL_ADD, connection.Descriptor, interest) != 0)
        {
            int errno = Errno.Last;
            connection.Dispose();
            throw SystemRefused("epoll_ctl", errno);
        }

        lock (_connectionsLock)
        {
            _connections = [.. _connections, connection];
            if (IsFenced)
            {
                _ = SysSocket.shutdown(connection.Descriptor, SysSocket.SHUT_RDWR);
            }
        }

        return connection;
    }

    /// <summary>Called by a connection that gets, or is rid of, bytes that the kernel did not take.</summary>
    public void CountUnsent(int change) => _unsent += change;

    /// <summary>Called by a connection that failed.</summary>
    public void Fail(TransportFailure failure) => Failure ??= failure;

    /// <inheritdoc/>
    public override void Progress()
    {
        if (_unsent == 0)
        {
            return;
        }

        foreach (TcpConnection connection in _connections)
        {
            if (connection.HasUnsent)
            {
                connection.Flush();
            }
        }
    }

    /// <inheritdoc/>
    public override bool PrepareSleep()
    {
        if (!_gate.TryEnter())
        {
            return false;
        }

        byte* events = stackalloc byte[DrainedAtOnce * SysEpoll.EventBytes];
        int count;
        do
        {
            count = SysEpoll.epoll_wait(SleepDescriptor, events, DrainedAtOnce, 0);
        }
        while (count == DrainedAtOnce);

        _gate.Leave();
        if (count < 0 && Errno.Last != Errno.EINTR)
        {
            return false;
        }

        // An edge "room again" may have been among those forgotten: this flush ends in EAGAIN, which arms it anew, or with nothing queued.
        Progress();
        return true;
    }

    /// <inheritdoc/>
    public override void EndSleep()
    {
        // Edges are forgotten by the next PrepareSleep.
    }

    /// <inheritdoc/>
    public override void Fence()
    {
        _gate.Close();
        lock (_connectionsLock)
        {
            if (_disposed)
            {
                return;
            }

            foreach (TcpConnection connection in _connections)
            {
                // ENOTCONN where the peer was first: as good.
                _ = SysSocket.shutdown(connection.Descriptor, SysSocket.SHUT_RDWR);
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _gate.Close();
        lock (_connectionsLock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        _acceptor.Dispose();
        foreach (TcpConnection connection in _connections)
        {
            connection.Dispose();
        }

        _epoll.Dispose();
    }

    private CollectiveException SystemRefused(string call, int errno) => new(
        Error.Resource,
        $"{call} failed: {Errno.Describe(errno)}. If it is a limit on open files, raise it (ulimit -n); one TCP connection needs one descriptor per peer and channel.",
        Context.Rank,
        nativeError: errno);
}
