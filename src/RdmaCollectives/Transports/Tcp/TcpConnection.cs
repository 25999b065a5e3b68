using System.Diagnostics;
using System.Net.Sockets;

namespace RdmaCollectives.Transports.Tcp;

/// <summary>
/// One socket: the FIFO to and the FIFO from one peer on one channel (docs/adr/0003-tcp.md). A slot is room in this rank's send queue; the receiver keeps one message at a time and
/// leaves the others in the kernel, whose flow control is the credit. Sending from where the memory lies is always possible and saves one copy, because the kernel copies anyway.
/// </summary>
internal sealed unsafe class TcpConnection : Connection, IDisposable
{
    private readonly TcpTransport _transport;
    private readonly FenceGate _gate;
    private readonly Socket _socket;
    private readonly RecordCipher? _sealer;
    private readonly RecordCipher? _opener;
    private readonly TcpSender _sender;
    private readonly TcpReceiver _receiver;
    private bool _failed;

    public TcpConnection(TcpTransport transport, FenceGate gate, int peer, int channel, Socket socket, RecordCipher? sealer, RecordCipher? opener)
        : base(peer, channel, transport.Context.SlotBytes, transport.Context.SlotCount)
    {
        _transport = transport;
        _gate = gate;
        _socket = socket;
        Descriptor = (int)socket.Handle;
        _sealer = sealer;
        _opener = opener;
        _sender = new TcpSender(Descriptor, SlotBytes, SlotCount, sealer);
        _receiver = new TcpReceiver(Descriptor, SlotBytes, opener);
    }

    /// <summary>The socket's descriptor, open until <see cref="Dispose"/>, which is called under the progress token: no call that uses the number can be running when it is given back to the system.</summary>
    public int Descriptor { get; }

    /// <summary>Whether <see cref="Flush"/> has work.</summary>
    public bool HasUnsent { get; private set; }

    /// <inheritdoc/>
    public override bool IsDrained => _sender.IsEmpty;

    /// <inheritdoc/>
    public override byte* TryGetSendSlot() => _failed || _sender.IsFull ? null : _sender.NextSlot;

    /// <inheritdoc/>
    public override void Send(in MessageHeader header)
    {
        _sender.Post(header, _sender.NextSlot);
        Flush();
    }

    /// <inheritdoc/>
    public override bool CanSendFrom(MemoryRegistration? registration) => true;

    /// <inheritdoc/>
    public override bool TrySendFrom(in MessageHeader header, byte* source, MemoryRegistration? registration)
    {
        if (_failed || _sender.IsFull || !_gate.TryEnter())
        {
            return false;
        }

        _sender.Post(header, source); // which reads it, where messages are sealed
        _gate.Leave();
        Flush();
        return true;
    }

    /// <summary>Gives the kernel what it takes of the queue.</summary>
    public void Flush()
    {
        if (_failed || !_gate.TryEnter())
        {
            return;
        }

        int errno = _sender.Flush();
        _gate.Leave();
        if (errno != 0)
        {
            Fail(errno, $"sending to rank {Peer} failed: {Errno.Describe(errno)}; see that rank's output and the network between the hosts", Errno.MeansConnectionEnded(errno));
        }

        NoteUnsent();
    }

    /// <inheritdoc/>
    public override bool TryReceive(out MessageHeader header, out byte* payload)
    {
        header = default;
        payload = null;
        if (!_receiver.IsWhole && !ReceiveToSlot())
        {
            return false;
        }

        header = _receiver.Header;
        payload = _receiver.Slot;
        return true;
    }

    /// <inheritdoc/>
    public override void Release() => _receiver.Take();

    /// <inheritdoc/>
    public override ReceiveStatus TryReceiveInto(in MessageHeader expected, byte* destination, MemoryRegistration? registration)
    {
        if (_failed || !_gate.TryEnter())
        {
            return ReceiveStatus.NotYet;
        }

        ReceiveStatus status = ReceiveTo(expected, destination, out ReceiveResult result);
        _gate.Leave();
        if (result.EndsConnection)
        {
            Fail(result);
        }

        return status;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _failed = true;
        _socket.Dispose();
        _sender.Dispose();
        _receiver.Dispose();
        _sealer?.Dispose();
        _opener?.Dispose();
    }

    private ReceiveStatus ReceiveTo(in MessageHeader expected, byte* destination, out ReceiveResult result)
    {
        result = default;
        if (!_receiver.HasHeader)
        {
            result = _receiver.ReadHeader();
            if (!_receiver.HasHeader)
            {
                return ReceiveStatus.NotYet;
            }
        }

        if (_receiver.Target != destination || destination == null)
        {
            if (!_receiver.Header.Matches(expected))
            {
                return ReceiveStatus.Mismatch;
            }

            if (_receiver.Target == null)
            {
                _receiver.Choose(destination);
            }
        }

        Debug.Assert(_receiver.Target == destination || _receiver.Target == _receiver.Slot, "Between NotYet and the end of a message the destination stays the same.");
        result = _receiver.ReadPayload();
        if (!_receiver.IsWhole)
        {
            return ReceiveStatus.NotYet;
        }

        if (_receiver.Target == _receiver.Slot)
        {
            // TryReceive had begun with this message.
            Buffer.MemoryCopy(_receiver.Slot, destination, expected.ByteCount, expected.ByteCount);
        }

        _receiver.Take();
        return ReceiveStatus.Done;
    }

    private bool ReceiveToSlot()
    {
        if (_failed || !_gate.TryEnter())
        {
            return false;
        }

        ReceiveResult result = _receiver.HasHeader ? default : _receiver.ReadHeader();
        if (_receiver.HasHeader)
        {
            if (_receiver.Target == null)
            {
                _receiver.Choose(_receiver.Slot);
            }

            Debug.Assert(_receiver.Target == _receiver.Slot, "A message that TryReceiveInto began is ended by it.");
            result = _receiver.ReadPayload();
        }

        _gate.Leave();
        if (result.EndsConnection)
        {
            Fail(result);
        }

        return _receiver.IsWhole;
    }

    /// <summary>Keeps the transport's count of connections that <see cref="Flush"/> has work for.</summary>
    private void NoteUnsent()
    {
        bool hasUnsent = !_failed && !_sender.IsEmpty;
        if (hasUnsent != HasUnsent)
        {
            HasUnsent = hasUnsent;
            _transport.CountUnsent(hasUnsent ? 1 : -1);
        }
    }

    private void Fail(ReceiveResult result)
    {
        switch (result.Kind)
        {
            case ReceiveResultKind.EndOfFile:
                Fail(0, $"rank {Peer} closed its connection while this rank still waited for data: its process ended or left the communicator; see that rank's output", connectionEnded: true);
                break;
            case ReceiveResultKind.Malformed:
                Fail(0, $"rank {Peer} announced a message of {_receiver.Header.ByteCount} bytes where {SlotBytes} are the most: the stream is not this library's, or of another version", connectionEnded: false);
                break;
            case ReceiveResultKind.Forged:
                Fail(0, $"a message from rank {Peer} failed its authentication: it was altered, repeated, dropped or put in on its way. Nothing of it was used. Look for who can write to the network between the two hosts", connectionEnded: false);
                break;
            default:
                Fail(result.NativeError, $"receiving from rank {Peer} failed: {Errno.Describe(result.NativeError)}; see that rank's output and the network between the hosts", Errno.MeansConnectionEnded(result.NativeError));
                break;
        }
    }

    private void Fail(int errno, string what, bool connectionEnded)
    {
        _failed = true;
        NoteUnsent();
        _transport.Fail(new TransportFailure(Peer, errno, $"TCP, channel {Channel}: {what}.", connectionEnded));
    }
}
