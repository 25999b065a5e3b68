using System.Buffers.Binary;
using System.Net.Sockets;
using RdmaCollectives.Bootstrap.Handshake;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// One end of a control connection that never blocks: bytes in, frames out, frames in, bytes out. The handshake's messages go in the clear until <see cref="SetKeys"/>. For one thread, that which polls the socket.
/// </summary>
internal sealed class SealedStream(Socket socket, FrameBuffer received, long maxQueuedBytes) : IDisposable
{
    private const int BatchBytes = 16 * 1024;

    private readonly Queue<Frame> _queue = new();
    private byte[] _sending = new byte[512];
    private int _sendStart;
    private int _sendEnd;
    private FrameSealer? _sealer;
    private FrameOpener? _opener;
    private SocketError _sendError = SocketError.Success;

    public SealedStream(Socket socket, long maxQueuedBytes)
        : this(socket, new FrameBuffer(WireProtocol.MaxHandshakeBytes), maxQueuedBytes)
    {
    }

    public Socket Socket => socket;

    /// <summary>What waits for the socket to take it.</summary>
    public long QueuedBytes { get; private set; }

    /// <summary>The socket takes nothing more. What the other end has sent may still be there to be read.</summary>
    public bool IsSendBroken => _sendError != SocketError.Success;

    public bool WantsToSend => !IsSendBroken && (_sendStart < _sendEnd || _queue.Count > 0);

    /// <summary>
    /// What the socket said when <see cref="Receive"/> returned false; <see cref="SocketError.Success"/> for an orderly end. A socket says why it failed once: where sending was told, reading sees an orderly end,
    /// and this is what sending was told.
    /// </summary>
    public SocketError ReceiveError { get; private set; }

    /// <summary>From now on frames are sealed.</summary>
    public void SetKeys(byte[] sendKey, byte[] receiveKey)
    {
        _sealer = new FrameSealer(sendKey);
        _opener = new FrameOpener(receiveKey);
        received.MaxFrameBytes = WireProtocol.MaxSealedBytes;
    }

    /// <summary>Reads what is there, at most one buffer. False at the end of the stream; <paramref name="wasEmpty"/> says that there was nothing.</summary>
    public bool Receive(out bool wasEmpty)
    {
        int count = socket.Receive(received.Free, SocketFlags.None, out SocketError error);
        wasEmpty = error == SocketError.WouldBlock;
        if (wasEmpty)
        {
            return true;
        }

        if (error != SocketError.Success || count == 0)
        {
            bool saysWhy = error != SocketError.Success || _sendError is SocketError.Shutdown or SocketError.ConnectionReset; // the other end has closed it, and that is an orderly end
            ReceiveError = saysWhy ? error : _sendError;
            return false;
        }

        received.Advance(count);
        return true;
    }

    /// <summary>Reads and forgets what is there. False at the end of the stream.</summary>
    public bool Discard()
    {
        Span<byte> scratch = stackalloc byte[4096];
        int count = socket.Receive(scratch, SocketFlags.None, out SocketError error);
        return error == SocketError.WouldBlock || (error == SocketError.Success && count > 0);
    }

    /// <exception cref="CollectiveException">The length of the next frame is not allowed.</exception>
    public bool TryTake(out ReadOnlySpan<byte> frame) => received.TryTake(out frame);

    /// <exception cref="CollectiveException">It is not the next frame that the other end sealed.</exception>
    public Frame Open(ReadOnlySpan<byte> sealedFrame) => _opener!.Open(sealedFrame);

    /// <summary>Sends a message of the handshake.</summary>
    public void SendClear(ReadOnlySpan<byte> message)
    {
        Span<byte> to = RoomFor(WireProtocol.PrefixBytes + message.Length);
        BinaryPrimitives.WriteInt32LittleEndian(to, message.Length);
        message.CopyTo(to[WireProtocol.PrefixBytes..]);
        _sendEnd += WireProtocol.PrefixBytes + message.Length;
    }

    /// <summary>Queues a frame; it is sealed when the socket takes it, so queues to several ranks share one payload. False when more waits than may: the frame is not queued then.</summary>
    public bool TrySend(in Frame frame)
    {
        long bytes = FrameSealer.SealedBytes(frame);
        if (QueuedBytes + bytes > maxQueuedBytes)
        {
            return false;
        }

        QueuedBytes += bytes;
        _queue.Enqueue(frame);
        return true;
    }

    /// <summary>Forgets what is queued and not begun: the other end gets one last frame instead.</summary>
    public void ReplaceQueue(in Frame last)
    {
        _queue.Clear();
        QueuedBytes = 0;
        TrySend(last);
    }

    /// <summary>Sends what the socket takes now.</summary>
    public void Flush()
    {
        while (WantsToSend)
        {
            while (_queue.Count > 0 && _sendEnd - _sendStart < BatchBytes) // small frames share a system call
            {
                Frame frame = _queue.Dequeue();
                int bytes = FrameSealer.SealedBytes(frame);
                QueuedBytes -= bytes;
                Span<byte> room = RoomFor(bytes); // may move _sendEnd, so before it is added to
                _sendEnd += _sealer!.Seal(frame, room);
            }

            int sent = socket.Send(_sending.AsSpan(_sendStart.._sendEnd), SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                return;
            }

            _sendError = error; // the reading side decides: a goodbye may still be there to be read
            _sendStart += sent;
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        _sealer?.Dispose();
        _opener?.Dispose();
    }

    private Span<byte> RoomFor(int bytes)
    {
        if (_sendStart == _sendEnd)
        {
            _sendStart = _sendEnd = 0;
        }

        if (_sending.Length - _sendEnd < bytes)
        {
            byte[] room = _sending.Length >= _sendEnd - _sendStart + bytes ? _sending : new byte[2 * (_sendEnd - _sendStart + bytes)];
            _sending.AsSpan(_sendStart.._sendEnd).CopyTo(room);
            _sending = room;
            _sendEnd -= _sendStart;
            _sendStart = 0;
        }

        return _sending.AsSpan(_sendEnd, bytes);
    }
}
