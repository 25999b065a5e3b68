using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Bootstrap.Handshake;
using RdmaCollectives.Bootstrap.Mesh;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>A rank that joins as every rank does, but tells the others another address than that at which it listens.</summary>
internal static class MeshRank
{
    public static ControlPlane Join(ResolvedOptions options, Func<IPEndPoint, IPEndPoint?> told)
    {
        RendezvousAddress address = RendezvousAddress.TryParse(options.Rendezvous!)!.Value;
        var identity = JoinIdentity.OfThisProcess(options.Rank, options.WorldSize, options.JobId);
        RendezvousConnection connection = new RendezvousConnector(options, address, identity, CancellationToken.None).Connect();
        var side = new RendezvousSide(address.ToString(), connection);
        Socket listener = MeshListener.Listen(connection.Local, address.Host)!;
        var own = new MemberIdentity(identity, ProcessOrigin.OfThisProcess(), told((IPEndPoint)listener.LocalEndPoint!));
        JobStart start = new StartWait(side.Stream, side.Name, "this rank", options.Rank).Await(own, TestWorld.Wait, CancellationToken.None);
        var link = new MeshLink(start, side, listener, options, hosted: null);
        var plane = new ControlPlane(link, NullLogger.Instance);
        link.Start(TestWorld.Wait, CancellationToken.None);
        return plane;
    }
}
