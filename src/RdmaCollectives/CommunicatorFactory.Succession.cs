using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Membership;

namespace RdmaCollectives;

/// <summary>Makes the communicator that follows another one.</summary>
internal static partial class CommunicatorFactory
{
    /// <summary>Agrees with the survivors and connects, again and again, until a communicator of the living stands.</summary>
    public static ShrinkResult Shrink(Origin origin, IControlPlane control, Succession succession, ulong completed, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Origin patient = origin with { Options = origin.Options with { JoinTimeout = timeout } };
        int[] oldRanks = [.. Enumerable.Range(0, control.WorldSize)];
        var abandoned = new List<IControlPlane>();
        control.BeginSuccession();
        try
        {
            IControlPlane plane = control;
            while (true)
            {
                Roster roster = succession.Agree(completed, timeout, cancellationToken: cancellationToken);
                oldRanks = [.. roster.Members.Select(member => oldRanks[member]), .. roster.Newcomers.Select(_ => -1)];
                IControlPlane from = plane;
                plane = Open(from, roster);
                succession = new Succession(plane, roster.Epoch);
                try
                {
                    Communicator communicator = Make(patient.For(plane), plane, succession, origin.Root?.Part(plane.Scope, plane.WorldSize), roster.Epoch, origin.Options.JoinTimeout);
                    return new ShrinkResult(communicator, oldRanks, roster.Completed);
                }
                catch (CollectiveException failed) when (IsOfMembers(failed) && !cancellationToken.IsCancellationRequested && (plane.WorldSize < from.WorldSize || abandoned.Count == 0))
                {
                    // A member has died since, or does not come: those that are there agree again, as members of this one.
                    ReportFailure(plane, failed);
                    abandoned.Add(plane);
                }
                catch
                {
                    abandoned.Add(plane);
                    throw;
                }
            }
        }
        finally
        {
            control.EndSuccession();
            foreach (IControlPlane plane in abandoned)
            {
                plane.Leave();
                plane.Dispose();
            }
        }
    }

    private static IControlPlane Open(IControlPlane from, Roster roster) =>
        from.Succeed(roster.Scope, [.. roster.Members.Select(from.JobRankOf), .. roster.Newcomers]);

    // What the members are the reason for, and a communicator with fewer of them may cure; not what this rank itself lacks.
    private static bool IsOfMembers(CollectiveException failed) =>
        failed is RendezvousException || failed.Error is Error.PeerDied or Error.PeerLeft or Error.Timeout or Error.Transport or Error.Rendezvous;
}
