using System.Net;
using System.Net.Sockets;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Bootstrap.Handshake;
using RdmaCollectives.Bootstrap.Mesh;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>Two ends of one connection of the mesh, served by hand.</summary>
internal static class ConnectionPair
{
    /// <summary>Null when rank 2 connects to one that listens as <paramref name="listening"/>, whom it takes for <paramref name="claimed"/>; else why the listener refused.</summary>
    public static string? WhyNot(byte[] connectorsKey, byte[] listenersKey, int claimed, int listening)
    {
        using Socket listener = RawPeer.Listen();
        DateTime deadline = DateTime.UtcNow + TestWorld.Wait;
        using MeshConnection client = MeshConnection.Connect(Member(claimed), new IPEndPoint(IPAddress.Loopback, RawPeer.PortOf(listener)), Member(2), connectorsKey, deadline);
        Socket accepted = listener.Accept();
        accepted.Blocking = false;
        using MeshConnection server = MeshConnection.Accept(accepted, Member(listening), listenersKey, deadline);
        while (!server.IsConfirmed && !server.IsEnded)
        {
            Assert.True(DateTime.UtcNow < deadline);
            foreach (MeshConnection end in (MeshConnection[])[client, server])
            {
                end.Serve(drain: false, (_, _) => { });
                end.Flush();
            }

            Thread.Sleep(1);
        }

        return server.EndReason;
    }

    private static MemberIdentity Member(int rank) => new(new JoinIdentity(rank, 3, 1, 100 + rank, "here", ""), default, null);
}
