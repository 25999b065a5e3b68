namespace RdmaCollectives.Transports.Loopback;

/// <summary>Both ends find the same FIFOs in the fabric: nothing has to be exchanged.</summary>
internal sealed class LoopbackPendingConnection(LoopbackTransport transport, LoopbackFabric fabric, int peer, int channelCount) : PendingConnection
{
    public override byte[] LocalInfo => [];

    public override Connection[] Complete(ReadOnlySpan<byte> remoteInfo)
    {
        TransportContext context = transport.Context;
        var connections = new Connection[channelCount];
        for (int channel = 0; channel < channelCount; channel++)
        {
            LoopbackFifo outgoing = fabric.Fifo(context.Rank, peer, channel, context.SlotBytes, context.SlotCount);
            LoopbackFifo incoming = fabric.Fifo(peer, context.Rank, channel, context.SlotBytes, context.SlotCount);
            connections[channel] = new LoopbackConnection(peer, channel, context.SlotBytes, outgoing, incoming, fabric[peer]);
        }

        return connections;
    }

    public override void Dispose()
    {
    }
}
