using System.Net;
using RdmaCollectives.Bootstrap;

namespace RdmaCollectives;

/// <summary>The way into the world that the options name: alone, through a launcher's rendezvous, or through one that rank 0 hosts.</summary>
internal static class WorldJoin
{
    /// <exception cref="RendezvousException">Refused, not reached, or ranks are missing; the message says which, and what to do.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static IControlPlane Join(ResolvedOptions options, CancellationToken cancellationToken = default)
    {
        if (options.IsNewcomer)
        {
            throw new InvalidOperationException("A newcomer has no world to join: it waits for an invitation (JoinAsNewcomer).");
        }

        if (options.WorldSize == 1)
        {
            return LocalLink.CreateGroup(1)[0];
        }

        if (!options.RankZeroHostsRendezvous || options.Rank != 0)
        {
            return RendezvousLink.Join(options, hosted: null, cancellationToken);
        }

        RendezvousServer server = Host(options);
        try
        {
            return RendezvousLink.Join(options, server, cancellationToken);
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Joins a job that has started; the result waits for an invitation, and has no plane yet.</summary>
    /// <exception cref="RendezvousException">Refused or not reached; the message says which, and what to do.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static ControlLink JoinAsNewcomer(ResolvedOptions options, CancellationToken cancellationToken = default) => RendezvousLink.JoinAsNewcomer(options, cancellationToken);

    private static RendezvousServer Host(ResolvedOptions options)
    {
        RendezvousAddress address = RendezvousAddress.TryParse(options.Rendezvous!)!.Value; // the resolver has parsed it
        return RendezvousServer.Start(new RendezvousServerOptions
        {
            EndPoint = new IPEndPoint(AddressToListenAt(address), address.Port),
            WorldSize = options.WorldSize,
            Secret = options.Secret is null ? null : System.Text.Encoding.UTF8.GetString(options.Secret),
            Insecure = options.Insecure,
            TlsCertificate = options.Tls?.Certificate,
            TlsKey = options.Tls?.Key,
            TlsAuthority = options.Tls?.Authority,
            TlsName = options.Tls?.Name,
            JobId = options.JobId,
            JoinTimeout = options.JoinTimeout,
            LoggerFactory = options.LoggerFactory,
            HostedByRankZero = true,
        });
    }

    /// <summary>The address itself where it is this host's. Else all interfaces: the name may be that of a service in front of this host.</summary>
    private static IPAddress AddressToListenAt(RendezvousAddress address)
    {
        try
        {
            IPAddress[] resolved = address.Resolve();
            return resolved is [var only] && RendezvousAddress.IsLocal(only) ? only
                : resolved.Length > 0 && Array.TrueForAll(resolved, IPAddress.IsLoopback) ? resolved[0]
                : IPAddress.Any;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return IPAddress.Any;
        }
    }
}
