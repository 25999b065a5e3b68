using RdmaCollectives.Simulation.Faults;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Simulation.Network;

/// <summary>Both ends find the same pipes in the fabric.</summary>
internal sealed class SimPendingConnection(SimTransport transport, SimFabric fabric, int peer, int channelCount) : PendingConnection
{
    public override byte[] LocalInfo => [];

    public override Connection[] Complete(ReadOnlySpan<byte> remoteInfo)
    {
        transport.Process.Point(PointKind.Poll);
        TransportContext context = transport.Context;
        var connections = new Connection[channelCount];
        for (int channel = 0; channel < channelCount; channel++)
        {
            var connection = new SimConnection(transport, peer, channel, fabric.Pipe(context.Rank, peer, channel, context), fabric.Pipe(peer, context.Rank, channel, context));
            transport.Add(connection);
            connections[channel] = connection;
        }

        return connections;
    }

    public override void Dispose()
    {
    }
}
