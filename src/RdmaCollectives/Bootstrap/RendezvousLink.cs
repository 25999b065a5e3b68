using Microsoft.Extensions.Logging;
using RdmaCollectives.Bootstrap.Handshake;
using RdmaCollectives.Bootstrap.Mesh;

namespace RdmaCollectives.Bootstrap;

/// <summary>The way of a process into its job: to the rendezvous, and by what that says to the other ranks.</summary>
internal static class RendezvousLink
{
    /// <summary>Joins the world of <paramref name="options"/> and returns its control plane when all ranks are there.</summary>
    /// <param name="options">This rank and where to join.</param>
    /// <param name="hosted">The rendezvous, where this process hosts it: the result owns it. It lives on after the goodbye of this rank until the last one has left.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RendezvousException">Refused, not reached, or ranks are missing; the message says which, and what to do.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static ControlPlane Join(ResolvedOptions options, RendezvousServer? hosted = null, CancellationToken cancellationToken = default)
    {
        ILogger logger = options.LoggerFactory.CreateLogger<ControlPlane>();
        (MeshLink link, TimeSpan timeLeft) = Enter(options, JoinIdentity.OfThisProcess(options.Rank, options.WorldSize, options.JobId), hosted, cancellationToken);
        var plane = new ControlPlane(link, logger);
        try
        {
            link.Start(timeLeft, cancellationToken);
            return plane;
        }
        catch
        {
            plane.Leave();
            plane.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Joins a job that has started, as a newcomer: its rank in the job is the next one that nobody has had. The result has no plane yet; <see cref="ControlLink.AwaitInvitation"/> waits for one, and it is disposed where none
    /// comes. A job that has not started yet is waited for.
    /// </summary>
    /// <param name="options">Where to join; rank and world size are not looked at.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RendezvousException">Refused or not reached; the message says which, and what to do.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static MeshLink JoinAsNewcomer(ResolvedOptions options, CancellationToken cancellationToken = default)
    {
        (MeshLink link, TimeSpan timeLeft) = Enter(options, JoinIdentity.OfThisProcess(JoinIdentity.NewcomerRank, 0, options.JobId), hosted: null, cancellationToken);
        link.BeginSplit(); // what comes for the communicator that it will be in is kept
        try
        {
            link.Start(timeLeft, cancellationToken);
            return link;
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    private static (MeshLink Link, TimeSpan TimeLeft) Enter(ResolvedOptions options, JoinIdentity identity, RendezvousServer? hosted, CancellationToken cancellationToken)
    {
        RendezvousAddress address = RendezvousAddress.TryParse(options.Rendezvous ?? "")
            ?? throw new ArgumentException($"'{options.Rendezvous}' is not host:port.", nameof(options));
        var connector = new RendezvousConnector(options, address, identity, cancellationToken);
        RendezvousConnection connection = connector.Connect();
        var side = new RendezvousSide(address.ToString(), connection);
        var listener = MeshListener.Listen(connection.Local, address.Host);
        try
        {
            var own = new MemberIdentity(identity, ProcessOrigin.OfThisProcess(), listener?.LocalEndPoint as System.Net.IPEndPoint);
            JobStart start = new StartWait(side.Stream, side.Name, Capitalized(identity), identity.Rank).Await(own, connector.TimeLeft, cancellationToken);
            return (new MeshLink(start, side, listener, options, hosted), connector.TimeLeft);
        }
        catch
        {
            side.Dispose();
            listener?.Dispose();
            throw;
        }
    }

    private static string Capitalized(JoinIdentity identity) => identity.IsNewcomer ? "This newcomer" : $"Rank {identity.Rank}";
}
