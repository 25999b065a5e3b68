using RdmaCollectives.Memory;

namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>This rank's outbox for a peer, until the peer's own is known.</summary>
internal sealed unsafe class SharedMemoryPendingConnection : PendingConnection
{
    private readonly SharedMemoryTransport _transport;
    private readonly PeerRank _peer;
    private readonly OutboxLayout _layout;
    private readonly SharedSegment _outbox;
    private bool _isHandedOver;

    public SharedMemoryPendingConnection(SharedMemoryTransport transport, PeerRank peer, in OutboxLayout layout, SegmentKind kind)
    {
        _transport = transport;
        _peer = peer;
        _layout = layout;
        _outbox = SharedSegment.Create($"rdmacc-to-{peer.Rank}", layout.ByteCount, kind, peersWrite: transport.Context.Options.Push);
        TransportContext context = transport.Context;
        layout.WriteIdentity(new Span<byte>(_outbox.Address, Line.ByteSize), context.CommunicatorId, context.Epoch, context.Rank, peer.Rank);
    }

    public override byte[] LocalInfo => _outbox.Location.ToBytes();

    public override Connection[] Complete(ReadOnlySpan<byte> remoteInfo)
    {
        TransportContext context = _transport.Context;
        if (SegmentAddress.Read(remoteInfo, out _) is not { } address || address.ByteCount != _layout.ByteCount)
        {
            throw new CollectiveException(
                Error.Protocol,
                $"What rank {_peer.Rank} says of its shared segment does not fit {_layout.ChannelCount} channels of {_layout.SlotCount} slots of {_layout.SlotBytes} bytes. Run the same version with the same options on all ranks.",
                context.Rank,
                _peer.Rank);
        }

        SharedSegment inbox = address.Kind == SegmentKind.Named ? SharedSegment.Open(address, context.Options.Push) : SharedSegment.OpenAsSealed(address);
        if (!_layout.HasIdentity(new ReadOnlySpan<byte>(inbox.Address, Line.ByteSize), context.CommunicatorId, context.Epoch, _peer.Rank, context.Rank))
        {
            inbox.Dispose();
            throw new CollectiveException(Error.Protocol, $"{address.OpenPath} is not the segment of rank {_peer.Rank} for rank {context.Rank}. Run the same version on all ranks.", context.Rank, _peer.Rank);
        }

        var connections = new SharedMemoryConnection[_layout.ChannelCount];
        for (int channel = 0; channel < connections.Length; channel++)
        {
            connections[channel] = new SharedMemoryConnection(_transport, _peer, channel, _layout, _outbox.Address, inbox.Address);
        }

        _transport.TakeOver(_outbox, inbox, connections);
        _isHandedOver = true;
        return connections;
    }

    public override void Confirm()
    {
        _outbox.Unlink();
        _transport.UnlinkNames();
    }

    public override void Dispose()
    {
        if (!_isHandedOver)
        {
            _outbox.Dispose();
        }
    }
}
