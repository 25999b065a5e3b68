using System.Diagnostics;
using System.Runtime.CompilerServices;
using RdmaCollectives.Memory;

namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>
/// One channel to one rank of this host. Up to 32 bytes travel in the line itself; more lie in a slot, or in the sender's registered buffer, where the receiver reads them:
/// it pulls. A result may go straight into the receiver's output, where that lies in a registered buffer and the receiver has opened it for the call (<see cref="OutputWindow{TMemory}"/>).
/// </summary>
internal sealed unsafe partial class SharedMemoryConnection : Connection
{
    /// <summary>Up to here a pass moves a message in less time than a sleeper takes to wake, so the peer's doorbell can wait for the end of the pass.</summary>
    private const uint RingLaterBytes = 4096;

    private readonly SharedMemoryTransport _transport;
    private readonly PeerRank _peer;
    private readonly byte* _sendSlots;
    private readonly byte* _receiveSlots;
    private SendRing<MachineMemory> _send;
    private ReceiveRing<MachineMemory> _receive;
    private readonly ulong* _ownFence;
    private readonly ulong* _peersFence;
    private uint _receivedBytes;
    private bool _isPulled;
    private volatile bool _isDead;

    /// <param name="transport">Takes failures.</param>
    /// <param name="peer">The rank at the other end.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="layout">Of both segments.</param>
    /// <param name="outbox">Written here.</param>
    /// <param name="inbox">The peer's outbox: only read.</param>
    public SharedMemoryConnection(SharedMemoryTransport transport, PeerRank peer, int channel, in OutboxLayout layout, byte* outbox, byte* inbox)
        : base(peer.Rank, channel, layout.SlotBytes, layout.SlotCount)
    {
        _transport = transport;
        _peer = peer;
        _sendSlots = outbox + layout.SlotOffset(channel);
        _receiveSlots = inbox + layout.SlotOffset(channel);
        _ownFence = (ulong*)(outbox + OutboxLayout.FenceOffset);
        _peersFence = (ulong*)(inbox + OutboxLayout.FenceOffset);
        _ownWindow = new OutputWindow<MachineMemory>((ulong*)(outbox + OutboxLayout.WindowOffset), (ulong*)(inbox + OutboxLayout.StoringOffset), _ownFence);
        _peersWindow = new OutputWindow<MachineMemory>((ulong*)(inbox + OutboxLayout.WindowOffset), (ulong*)(outbox + OutboxLayout.StoringOffset), _peersFence);
        _send = new SendRing<MachineMemory>((ulong*)(outbox + layout.LinesOffset(channel)), (ulong*)(inbox + layout.ReleasedOffset(channel)), layout.SlotCount);
        _receive = new ReceiveRing<MachineMemory>((ulong*)(inbox + layout.LinesOffset(channel)), (ulong*)(outbox + layout.ReleasedOffset(channel)), layout.SlotCount);
    }

    public override bool IsDrained => _send.IsDrained();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override byte* TryGetSendSlot() => !_isDead && _send.HasCredit() ? _sendSlots + (nuint)_send.NextSlot * (uint)SlotBytes : null;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Send(in MessageHeader header)
    {
        Debug.Assert(header.ByteCount <= (uint)SlotBytes);
        if (_isDead)
        {
            return;
        }

        if (header.ByteCount <= Line.InlineBytes)
        {
            _send.SendInline(header.FirstWord, SecondWord(header), _sendSlots + ((nuint)_send.NextSlot * (uint)SlotBytes), header.ByteCount);
        }
        else
        {
            _send.SendSlot(header.FirstWord, SecondWord(header));
        }

        RingFor(header.ByteCount);
    }

    /// <summary>What fits the line goes there at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override bool TrySendCopy(in MessageHeader header, byte* source)
    {
        if (_isDead || !_send.HasCredit())
        {
            return false;
        }

        uint byteCount = header.ByteCount;
        if (byteCount <= Line.InlineBytes)
        {
            _send.SendInline(header.FirstWord, SecondWord(header), source, byteCount);
            _peer.RingLater();
            return true;
        }

        Unsafe.CopyBlockUnaligned(_sendSlots + (nuint)_send.NextSlot * (uint)SlotBytes, source, byteCount);
        _send.SendSlot(header.FirstWord, SecondWord(header));
        RingFor(byteCount);
        return true;
    }

    public override bool CanSendFrom(MemoryRegistration? registration) => registration?.Keys[TransportIndex.SharedMemory] is RegistrationKey;

    public override bool TrySendFrom(in MessageHeader header, byte* source, MemoryRegistration? registration)
    {
        Debug.Assert(header.ByteCount <= (uint)SlotBytes);
        if (_isDead || !_send.HasCredit())
        {
            return false;
        }

        if (header.ByteCount <= Line.InlineBytes)
        {
            _send.SendInline(header.FirstWord, SecondWord(header), source, header.ByteCount);
        }
        else
        {
            var key = Unsafe.As<RegistrationKey>(registration!.Keys[TransportIndex.SharedMemory]!); // CanSendFrom said so
            _send.SendPulled(header.FirstWord, SecondWord(header), key.RangeAt(source));
        }

        RingFor(header.ByteCount);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override bool TryReceive(out MessageHeader header, out byte* payload)
    {
        if (_isDead || !_receive.HasMessage())
        {
            header = default;
            payload = null;
            return false;
        }

        _isPulled = false;
        ulong* line = _receive.NextLine;
        header = Unsafe.ReadUnaligned<MessageHeader>(line + Line.Header);
        _send.Learn(header.Credit);
        _receivedBytes = header.ByteCount;
        ulong place = line[Line.Place];
        if (place == (ulong)PayloadPlace.Line && header.ByteCount <= Line.InlineBytes)
        {
            payload = (byte*)(line + Line.Payload);
            return true;
        }

        if (header.ByteCount > (uint)SlotBytes)
        {
            return Fail(out payload, Error.Protocol, $"A message of {header.ByteCount} bytes came where {SlotBytes} are the most.");
        }

        if (place == (ulong)PayloadPlace.Slot)
        {
            payload = _receiveSlots + (nuint)_receive.NextSlot * (uint)SlotBytes;
            return true;
        }

        return (uint)place == (uint)PayloadPlace.Registration ? Pull(line, header.ByteCount, out payload)
            : place == (ulong)PayloadPlace.Output ? TryLocateStored(header, line[Line.Offset], out payload)
            : Fail(out payload, Error.Protocol, $"A message of {header.ByteCount} bytes says that its payload lies at place {place}, which this version does not know.");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Release()
    {
        if (_isDead)
        {
            IsTorn = true;
            return;
        }

        if (_isPulled && HasPeerFenced())
        {
            IsTorn = true;
            Fail(out _, Error.Aborted, $"rank {Peer} ended its part of the communicator while this rank read from its memory; see the fault that it reports.", connectionEnded: true);
            return;
        }

        _receive.Release();
        RingFor(_receivedBytes);
    }

    /// <summary>From now on nothing is sent or received, and readers of this rank's memory know it. From any thread, while the segments are mapped; the caller makes a full barrier afterwards.</summary>
    public void Kill()
    {
        _isDead = true;
        Volatile.Write(ref *_ownFence, 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RingFor(uint byteCount)
    {
        if (byteCount <= RingLaterBytes)
        {
            _peer.RingLater();
        }
        else
        {
            _peer.Ring();
        }
    }

    // The reader's half of a sequence lock: all reads of the payload come before the look at the word. Partner: the barrier behind Kill, before which the owner changes nothing.
    private bool HasPeerFenced()
    {
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref *_peersFence) != 0;
    }

    private bool Pull(ulong* line, uint byteCount, out byte* payload)
    {
        var range = new PulledRange((int)(line[Line.Place] >> Line.IndexShift), line[Line.Generation], line[Line.Offset], (int)line[Line.Descriptor], (long)line[Line.Size]);
        _isPulled = true;
        payload = _peer.Mappings.Resolve(_peer.ProcessId, range, byteCount, out CollectiveException? failure);
        return payload is not null || Fail(out payload, failure!.Error, failure.Message, failure.NativeError);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Fail(out byte* payload, Error error, string message, int nativeError = 0, bool connectionEnded = false)
    {
        payload = null;
        _isDead = true;
        string remedy = error == Error.Protocol ? " Run the same version on all ranks." : "";
        _transport.Fail(new TransportFailure(Peer, nativeError, $"Shared memory from rank {Peer}: {message}{remedy}", connectionEnded));
        return false;
    }

    // With the credit, which no caller fills in.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong SecondWord(in MessageHeader header) => header.SecondWord | ((ulong)_receive.Released << 48);
}
