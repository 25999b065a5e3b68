using System.Buffers.Binary;
using System.Net.Sockets;
using RdmaCollectives.Bootstrap.Handshake;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// One connection of the rendezvous: bytes in, frames out, frames in, bytes out, never blocking.
/// <code>
/// handshake -> proved     AdvanceHandshake set Identity
/// proved    -> confirmed  the first sealed frame came
/// any       -> ending     CloseWhenSent: what is queued still goes out, until the deadline
/// any       -> ended      End: the loop closes it in this turn
/// </code>
/// </summary>
internal sealed class ServerConnection(Socket socket, string address, ServerHandshake handshake, DateTime deadline, long maxQueuedBytes) : IDisposable
{
    private static readonly TimeSpan LastWordsTime = TimeSpan.FromSeconds(2);

    private readonly FrameBuffer _received = new(WireProtocol.MaxHandshakeBytes);
    private readonly Queue<Frame> _queue = new();
    private long _queuedBytes;
    private byte[] _sending = new byte[512];
    private int _sendStart;
    private int _sendEnd;
    private FrameSealer? _sealer;
    private FrameOpener? _opener;
    private bool _closeWhenSent;
    private bool _sendBroken;

    public Socket Socket => socket;

    public string Address => address;

    /// <summary>Who it is, once proved.</summary>
    public JoinIdentity? Identity { get; private set; }

    /// <summary>It knows that it is proved: <see cref="Confirm"/> was called.</summary>
    public bool IsConfirmed { get; private set; }

    /// <summary>When the connection is ended unless it got further by then.</summary>
    public DateTime Deadline { get; private set; } = deadline;

    public bool WantsToSend => !_sendBroken && (_sendStart < _sendEnd || _queue.Count > 0);

    public bool IsEnding => _closeWhenSent || IsEnded;

    public bool IsEnded => EndReason is not null;

    /// <summary>Why it ended, for the end of "Rank 3 died: ..."; null while it has not.</summary>
    public string? EndReason { get; private set; }

    public void End(string reason) => EndReason ??= reason;

    /// <summary>The other end said that it is here: from now on the connection may be silent for as long as it likes.</summary>
    public void Confirm()
    {
        IsConfirmed = true;
        Deadline = DateTime.MaxValue;
    }

    /// <summary>Takes no more frames, and ends once what is queued has gone.</summary>
    public void CloseWhenSent()
    {
        _closeWhenSent = true;
        Deadline = DateTime.UtcNow + LastWordsTime;
    }

    /// <summary>Reads what is there. False when the other end has closed.</summary>
    public bool Receive()
    {
        int received = socket.Receive(_received.Free, SocketFlags.None, out SocketError error);
        if (error == SocketError.WouldBlock)
        {
            return true;
        }

        if (error != SocketError.Success || received == 0)
        {
            return false;
        }

        _received.Advance(received);
        return true;
    }

    public bool TryTake(out ReadOnlySpan<byte> frame) => _received.TryTake(out frame);

    public Frame Open(ReadOnlySpan<byte> sealedFrame) => _opener!.Open(sealedFrame);

    /// <summary>Feeds the handshake. Returns the reason when the other end was refused, else null; <see cref="Identity"/> is set when it has finished.</summary>
    public string? AdvanceHandshake(ReadOnlySpan<byte> message)
    {
        byte[] answer = handshake.Take(message);
        Span<byte> to = RoomFor(WireProtocol.PrefixBytes + answer.Length);
        BinaryPrimitives.WriteInt32LittleEndian(to, answer.Length);
        answer.CopyTo(to[WireProtocol.PrefixBytes..]);
        _sendEnd += WireProtocol.PrefixBytes + answer.Length;
        if (handshake.Refused is not null)
        {
            CloseWhenSent();
            return handshake.Refused;
        }

        if (handshake.Keys is { } keys)
        {
            Identity = handshake.Identity;
            Deadline = DateTime.UtcNow + WireProtocol.ConfirmDeadline;
            _opener = new FrameOpener(keys.ClientToServer);
            _sealer = new FrameSealer(keys.ServerToClient);
            _received.MaxFrameBytes = WireProtocol.MaxSealedBytes;
        }

        return null;
    }

    /// <summary>Queues a frame; it is sealed when the socket takes it, so queues of several ranks share one payload.</summary>
    public void Send(in Frame frame)
    {
        if (IsEnding || _sendBroken)
        {
            return;
        }

        _queuedBytes += FrameSealer.SealedBytes(frame);
        if (_queuedBytes > maxQueuedBytes)
        {
            End($"it did not read its connection to the rendezvous while {_queuedBytes >> 20} MiB waited for it");
            return;
        }

        _queue.Enqueue(frame);
    }

    /// <summary>Sends what the socket takes now.</summary>
    public void Flush()
    {
        while (!IsEnded && WantsToSend)
        {
            if (_sendStart == _sendEnd)
            {
                Frame frame = _queue.Dequeue();
                int bytes = FrameSealer.SealedBytes(frame);
                _queuedBytes -= bytes;
                Span<byte> room = RoomFor(bytes); // may move _sendEnd, so before it is added to
                _sendEnd += _sealer!.Seal(frame, room);
            }

            int sent = socket.Send(_sending.AsSpan(_sendStart.._sendEnd), SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                return;
            }

            if (error != SocketError.Success)
            {
                _sendBroken = true; // the reading side decides: a goodbye may still be there to be read
                break;
            }

            _sendStart += sent;
        }

        if (_closeWhenSent)
        {
            End("it was told to go");
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        handshake.Dispose();
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
            Array.Resize(ref _sending, _sendEnd + bytes);
        }

        return _sending.AsSpan(_sendEnd, bytes);
    }
}
