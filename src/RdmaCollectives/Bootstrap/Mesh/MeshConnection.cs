using System.Net;
using System.Net.Sockets;
using System.Text;
using RdmaCollectives.Bootstrap.Handshake;
using RdmaCollectives.Bootstrap.Interop;

namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>
/// A control connection between two ranks, from either end. Never blocks; for the control thread alone.
/// <code>
/// connecting -> greeting -> confirmed        the end that connects: TCP stands, the handshake runs, it has said that it is here
///               greeting -> confirmed        the end that accepts: the other has said that it is here
/// any -> ended                               EndReason says why
/// </code>
/// </summary>
internal sealed class MeshConnection : IDisposable
{
    /// <summary>What may wait for a rank that does not read; one that leaves more is given up.</summary>
    public const long MaxQueuedBytes = 64L << 20;

    private const int BuffersPerTurn = 64;
    private static readonly TimeSpan LastWordsTime = TimeSpan.FromSeconds(2);

    private readonly SealedStream _stream;
    private readonly ClientHandshake? _client;
    private readonly ServerHandshake? _server;
    private readonly byte[] _introduction;
    private Phase _phase;
    private int _clientStep;
    private string? _damage;

    private MeshConnection(Socket socket, ClientHandshake? client, ServerHandshake? server, byte[] introduction, DateTime deadline)
    {
        _stream = new SealedStream(socket, MaxQueuedBytes);
        _client = client;
        _server = server;
        _introduction = introduction;
        _phase = client is null ? Phase.Greeting : Phase.Connecting;
        Deadline = deadline;
    }

    private enum Phase
    {
        Connecting,
        Greeting,
        Confirmed,
    }

    /// <summary>The rank at the other end; for the end that accepts known once confirmed, before that -1.</summary>
    public int PeerRank { get; set; } = -1;

    /// <summary>What an accepted connection says of itself, once confirmed.</summary>
    public MemberIdentity? Introduced { get; private set; }

    public bool IsClient => _client is not null;

    public bool IsConfirmed => _phase == Phase.Confirmed;

    /// <summary>The other end has, or may have, taken this for its connection to this rank: it must not end without a word while this process lives, or it is taken for a death.</summary>
    public bool MayBeTaken => IsConfirmed || _server?.Keys is not null;

    /// <summary>When it is ended unless it is confirmed by then.</summary>
    public DateTime Deadline { get; private set; }

    public bool IsEnded => EndReason is not null;

    /// <summary>Nothing more is taken from it: it ends when its last words are with the kernel.</summary>
    public bool IsClosing { get; private set; }

    /// <summary>Why, to complete "Rank 3 died: ..." or the like.</summary>
    public string? EndReason { get; private set; }

    /// <summary>The other end's kernel closed or reset it, as it does for a process that ends. False where time ran out, or bytes that came made no sense: then nobody knows.</summary>
    public bool WasClosedThere { get; private set; }

    public Socket Socket => _stream.Socket;

    /// <summary>All that was queued is with the kernel.</summary>
    public bool IsFlushed => !_stream.WantsToSend;

    /// <summary>What to poll for.</summary>
    public short Events => (short)(_phase == Phase.Connecting ? Libc.POLLOUT : Libc.POLLIN | (_stream.WantsToSend ? Libc.POLLOUT : 0));

    /// <summary>Begins to connect to a rank.</summary>
    /// <exception cref="SocketException">There is no way at all.</exception>
    public static MeshConnection Connect(MemberIdentity to, IPEndPoint at, MemberIdentity own, byte[] meshKey, DateTime deadline)
    {
        var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            socket.Connect(at);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // Its end is polled for.
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var handshake = new ClientHandshake(at.ToString(), own.Who, AuthenticationMode.Secret, MeshSecret.Of(meshKey, to.Who));
        return new MeshConnection(socket, handshake, null, own.WriteDetails(), deadline) { PeerRank = to.Rank };
    }

    public static MeshConnection Accept(Socket socket, MemberIdentity own, byte[] meshKey, DateTime deadline) =>
        new(socket, null, new ServerHandshake(AuthenticationMode.Secret, MeshSecret.Of(meshKey, own.Who)), [], deadline);

    public void End(string reason) => EndReason ??= _damage ?? reason;

    /// <summary>Queues a frame. False when more waits for the other end than may.</summary>
    public bool TrySend(in Frame frame) => IsEnded || IsClosing || _stream.IsSendBroken || _stream.TrySend(frame);

    /// <summary>Sends what is queued, and then this, and ends; nothing more is read.</summary>
    public void EndWith(in Frame last, DateTime deadline)
    {
        _stream.TrySend(last);
        IsClosing = true;
        Deadline = deadline;
    }

    /// <summary>Forgets what is queued, sends this, and ends; nothing more is read.</summary>
    public void GiveUp(in Frame last, DateTime deadline)
    {
        _stream.ReplaceQueue(last);
        IsClosing = true;
        Deadline = deadline;
    }

    /// <summary>Ends it from this end, though this process lives: where the other end may have taken it, it is told.</summary>
    public void Refuse(string reason, DateTime now)
    {
        if (MayBeTaken && !IsClosing)
        {
            GiveUp(new Frame(FrameKind.GivenUp, PeerRank, 0, Encoding.UTF8.GetBytes(reason)), now + LastWordsTime);
        }
        else
        {
            End(reason);
        }
    }

    /// <summary>Moves on with what poll(2) said, and hands over the frames that came. What goes wrong ends the connection.</summary>
    /// <param name="drain">Read to the end of what is there, however much it is.</param>
    /// <param name="take">Gets each frame.</param>
    public void Serve(bool drain, Action<MeshConnection, Frame> take)
    {
        if (IsEnded)
        {
            return;
        }

        try
        {
            if (_phase == Phase.Connecting)
            {
                FinishConnect();
                return;
            }

            if (IsClosing)
            {
                if (!_stream.Discard())
                {
                    End("its connection ended");
                }

                return;
            }

            bool wasEmpty = false;
            for (int i = 0; !wasEmpty && !IsEnded && !IsClosing && (drain || i < BuffersPerTurn); i++)
            {
                bool open = _stream.Receive(out wasEmpty);
                TakeFrames(take);
                if (!open)
                {
                    SocketError error = _stream.ReceiveError;
                    WasClosedThere = error is SocketError.Success or SocketError.ConnectionReset or SocketError.Shutdown;
                    End(error == SocketError.Success ? "its connection ended without a goodbye" : $"its connection ended without a goodbye ({new SocketException((int)error).Message})");
                }
            }
        }
        catch (Exception e)
        {
            // Of any kind: what one connection brings must not end the control thread.
            _damage = $"its connection was closed here: {e.Message.TrimEnd('.')}";
            Refuse(MayBeTaken ? $"what came from it can't be right: {e.Message.TrimEnd('.')}" : _damage, DateTime.UtcNow);
        }
    }

    /// <summary>Before it is closed: a socket that is closed with bytes unread is reset, and what this end has sent may be lost with it, a goodbye too (RFC 2525, 2.17).</summary>
    public void ReadOut()
    {
        try
        {
            for (int i = 0; i < BuffersPerTurn && Socket.Poll(0, SelectMode.SelectRead) && _stream.Discard(); i++)
            {
            }
        }
        catch (SocketException)
        {
            // It is closed as it is.
        }
    }

    /// <summary>Sends what the socket takes now.</summary>
    public void Flush()
    {
        if (!IsEnded && _phase != Phase.Connecting)
        {
            _stream.Flush();
            if (IsClosing && !_stream.WantsToSend)
            {
                End("it was told to go");
            }
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _client?.Dispose();
        _server?.Dispose();
    }

    private void FinishConnect()
    {
        int error = (int)Socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        if (error != 0)
        {
            End(new SocketException(error).Message);
            return;
        }

        Socket.NoDelay = true;
        _stream.SendClear(_client!.Hello());
        _phase = Phase.Greeting;
    }

    private void TakeFrames(Action<MeshConnection, Frame> take)
    {
        while (!IsEnded && !IsClosing && _stream.TryTake(out ReadOnlySpan<byte> bytes))
        {
            if (_phase == Phase.Confirmed)
            {
                take(this, _stream.Open(bytes));
            }
            else if (_client is not null)
            {
                TakeAsClient(bytes);
            }
            else
            {
                TakeAsServer(bytes);
            }
        }
    }

    private void TakeAsClient(ReadOnlySpan<byte> message)
    {
        if (_clientStep++ == 0)
        {
            _stream.SendClear(_client!.Finish(message));
            return;
        }

        SessionKeys keys = _client!.Complete(message);
        _stream.SetKeys(sendKey: keys.ClientToServer, receiveKey: keys.ServerToClient);
        _stream.TrySend(new Frame(FrameKind.Here, -1, 0, _introduction));
        Confirm();
    }

    private void TakeAsServer(ReadOnlySpan<byte> message)
    {
        if (_server!.Identity is { } who)
        {
            Frame frame = _stream.Open(message);
            Introduced = frame.Kind == FrameKind.Here
                ? MemberIdentity.ReadDetails(who, frame.Payload.Span)
                : throw new CollectiveException(Error.Protocol, $"the first frame was of kind {frame.Kind}");
            Confirm();
            return;
        }

        _stream.SendClear(_server.Take(message));
        if (_server.Refused is { } reason)
        {
            _stream.Flush();
            End(reason);
        }
        else if (_server.Keys is { } keys)
        {
            _stream.SetKeys(sendKey: keys.ServerToClient, receiveKey: keys.ClientToServer);
            Deadline = DateTime.UtcNow + WireProtocol.ConfirmDeadline;
        }
    }

    private void Confirm()
    {
        _phase = Phase.Confirmed;
        Deadline = DateTime.MaxValue;
    }
}
