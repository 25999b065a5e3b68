namespace RdmaCollectives.Transports.Loopback;

/// <summary>
/// One end of a pair of <see cref="LoopbackFifo"/>s. Everything goes through slots: reading a peer's memory where it lies would need a fence against its
/// garbage collector after a fault, and in one process the copy is all that this transport costs.
/// </summary>
internal sealed unsafe class LoopbackConnection : Connection
{
    private readonly LoopbackFifo _outgoing;
    private readonly LoopbackFifo _incoming;
    private readonly LoopbackTransport _peer;

    public LoopbackConnection(int peerRank, int channel, int slotBytes, LoopbackFifo outgoing, LoopbackFifo incoming, LoopbackTransport peer)
        : base(peerRank, channel, slotBytes, outgoing.SlotCount)
    {
        _outgoing = outgoing;
        _incoming = incoming;
        _peer = peer;
    }

    public override bool IsDrained => true;

    public override byte* TryGetSendSlot() => HasCredit ? _outgoing.SlotOf(_outgoing.Published) : null;

    public override void Send(in MessageHeader header)
    {
        _outgoing.Publish(header);
        _peer.WakeIfAsleep();
    }

    public override bool TryReceive(out MessageHeader header, out byte* payload) => _incoming.TryPeek(out header, out payload);

    public override void Release()
    {
        _incoming.Release();
        _peer.WakeIfAsleep();
    }

    private bool HasCredit => _outgoing.Published - _outgoing.Released < _outgoing.SlotCount;
}
