using Microsoft.Extensions.Logging;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Membership;
using RdmaCollectives.Transports;

namespace RdmaCollectives;

/// <summary>Makes the communicator that follows another one.</summary>
internal static partial class CommunicatorFactory
{
    /// <summary>The survivors of a fault agree and connect, again and again, until a communicator of the living stands.</summary>
    public static ShrinkResult Shrink(Origin origin, IControlPlane control, Succession succession, ulong completed, TimeSpan timeout, CancellationToken cancellationToken)
    {
        control.BeginSuccession();
        try
        {
            Roster roster = succession.Agree(completed, timeout, cancellationToken: cancellationToken);
            Lineage next = Open(control, succession, roster, out bool isBroken);
            return next.GoOn(origin, completed, roster.Completed, timeout, isBroken, cancellationToken);
        }
        finally
        {
            control.EndSuccession();
            succession.KeepNoFrames();
        }
    }

    /// <summary>Takes processes in that have come after the start. Null where none waits and none has to.</summary>
    public static Communicator? Grow(Origin origin, IControlPlane control, Succession succession, ulong completed, int atLeast, TimeSpan timeout, CancellationToken cancellationToken)
    {
        control.BeginSuccession();
        try
        {
            int[] newcomers = Newcomers.Agree(control, atLeast, timeout);
            if (newcomers.Length == 0)
            {
                return null;
            }

            Roster roster = succession.Agree(completed, timeout, newcomers, needsAll: true, cancellationToken);
            Lineage next = Open(control, succession, roster, out _);
            Communicator communicator = next.Connect(origin, timeout);
            succession.Opened = null;
            return communicator;
        }
        catch (CollectiveException failed) when (failed is not RendezvousException || control.Faults.IsSet || succession.Outcome is not null)
        {
            ReportFailure(control, failed); // on all ranks; the Shrink that follows finds what was decided, and until then frames of the successor are kept
            succession.KeepFrames();
            throw control.Faults.Current is { } fault && failed is not CommunicatorFaultException ? new CommunicatorFaultException(fault, operation: null, sequence: 0, failed) : failed;
        }
        finally
        {
            control.EndSuccession();
        }
    }

    /// <summary>Joins a job that has started, and waits to be taken in.</summary>
    public static Communicator CreateNewcomer(ResolvedOptions options, CancellationToken cancellationToken)
    {
        ControlLink link = RendezvousLink.JoinAsNewcomer(options, cancellationToken);
        try
        {
            return CreateNewcomer(options, link, root: null, cancellationToken);
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    /// <summary>The communicator that this process, which has come after the start, is taken into.</summary>
    public static Communicator CreateNewcomer(ResolvedOptions options, ControlLink link, ILocalFabric? root, CancellationToken cancellationToken)
    {
        Invitation invitation = Invitation.Read(link.AwaitInvitation(options.JoinTimeout, cancellationToken)); // every member sends it: one is enough
        IControlPlane plane = new ControlPlane(link, invitation.Scope, invitation.JobRanks, options.LoggerFactory.CreateLogger<ControlPlane>());
        int count = invitation.JobRanks.Length;
        var lineage = new Lineage(plane, new Succession(plane, invitation.Epoch), Parent: null, new int[count]);
        try
        {
            return lineage.GoOn(new Origin(options, root, BusyRanks: 0), completed: 0, new ulong[count], options.JoinTimeout, isBroken: false, cancellationToken).Communicator;
        }
        finally
        {
            link.EndSplit();
        }
    }

    // The plane of the successor; the one that is open already where an earlier call came so far.
    private static Lineage Open(IControlPlane from, Succession succession, Roster roster, out bool isBroken)
    {
        isBroken = succession.Opened is not null;
        if (!isBroken)
        {
            IControlPlane plane = from.Succeed(roster.Scope, [.. roster.Members.Select(from.JobRankOf), .. roster.Newcomers]);
            succession.Opened = (plane, new Succession(plane, roster.Epoch));
            Invite(from, plane, roster);
        }

        (IControlPlane control, Succession next) = succession.Opened!.Value;
        return new Lineage(control, next, succession, Ranks(roster));
    }

    // By every member, in a Shrink that takes up what a Grow had decided, too: any of them may die before it has.
    private static void Invite(IControlPlane from, IControlPlane successor, Roster roster)
    {
        if (roster.Newcomers.Length > 0)
        {
            from.TakeIn(roster.Newcomers);
            byte[] invitation = new Invitation(roster.Epoch, roster.Scope, [.. Enumerable.Range(0, successor.WorldSize).Select(successor.JobRankOf)]).ToBytes();
            Array.ForEach(roster.Newcomers, newcomer => from.Invite(newcomer, invitation));
        }
    }

    private static int[] Ranks(Roster roster) => [.. roster.Members, .. roster.Newcomers.Select(_ => -1)];

    /// <summary>A communicator that is to be made, and what its ranks were in the one that the caller knows.</summary>
    private sealed record Lineage(IControlPlane Control, Succession Succession, Succession? Parent, int[] OldRanks)
    {
        public Communicator Connect(Origin origin, TimeSpan timeout)
        {
            Origin patient = origin with { Options = origin.Options with { JoinTimeout = timeout } };
            return Make(patient.For(Control), Control, Succession, origin.Root?.Part(Control.Scope, Control.WorldSize), Succession.Epoch, origin.Options.JoinTimeout);
        }

        /// <summary>Connects; where members have died or do not come, those that are there agree again, as members of this one.</summary>
        public ShrinkResult GoOn(Origin origin, ulong completed, ulong[] completedByAll, TimeSpan timeout, bool isBroken, CancellationToken cancellationToken)
        {
            if (!isBroken)
            {
                try
                {
                    var result = new ShrinkResult(Connect(origin, timeout), OldRanks, completedByAll);
                    IsOver();
                    return result;
                }
                catch (CollectiveException failed) when (IsOfMembers(failed) && Control.WorldSize > 1 && !cancellationToken.IsCancellationRequested)
                {
                    ReportFailure(Control, failed);
                }
            }

            Roster roster = Succession.Agree(completed, timeout, cancellationToken: cancellationToken);
            if (!isBroken && roster.Count == Control.WorldSize)
            {
                throw new CommunicatorFaultException(Control.Faults.Current!, operation: null, sequence: 0); // all are there, and cannot be connected: once more would end the same
            }

            Lineage next = Open(Control, Succession, roster, out bool isNextBroken);
            next = next with { OldRanks = [.. next.OldRanks.Select(rank => rank < 0 ? -1 : OldRanks[rank])] };
            ShrinkResult later = next.GoOn(origin, completed, roster.Completed, timeout, isNextBroken, cancellationToken);
            Control.Leave();
            Control.Dispose();
            IsOver();
            return later;
        }

        private void IsOver()
        {
            if (Parent is not null)
            {
                Parent.Opened = null;
            }
        }

        // What the members are the reason for, and a communicator with fewer of them may cure; not what this rank itself lacks.
        private static bool IsOfMembers(CollectiveException failed) =>
            failed is RendezvousException || failed.Error is Error.PeerDied or Error.PeerLeft or Error.Timeout or Error.Transport or Error.Rendezvous;
    }
}
