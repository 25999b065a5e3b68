using RdmaCollectives.Simulation.Faults;

namespace RdmaCollectives.Simulation.Programs;

/// <summary>Which exceptions a rank may end by, given what was put, or what is wrong with the program.</summary>
internal static class Verdicts
{
    /// <summary>Null where the exception tells what happened.</summary>
    public static string? Complaint(Simulation simulation, int rank, Exception error)
    {
        if (error is OperationCanceledException)
        {
            return simulation.Faults.Any(plan => plan.Of(FaultKind.Cancel, rank)) ? null : "it was told that it had cancelled";
        }

        Error found = ((CollectiveException)error).Error;
        bool fits = simulation.HasFault ? simulation.Faults.Any(plan => Fits(simulation, plan, found)) : FitsDeviation(simulation, found);
        return fits ? null : $"it was told {found}: {error.Message}";
    }

    /// <summary>
    /// Null where a shrink may end so. With all who call connected it ends with a communicator: only one who was cut off, stood still for longer than the others wait, or is too alone with what it can reach does not go on; nor one whose fault the others, busy in a part, have not come upon.
    /// </summary>
    public static string? ComplaintOfShrink(Simulation simulation, int rank, CollectiveException error)
    {
        bool canBeCut = simulation.HasParts || simulation.Faults.Any(plan => plan.IsPut && plan.Kind is FaultKind.LostLink or FaultKind.Deadline);
        bool fits = error.Error switch
        {
            Error.NoQuorum or Error.Excluded => canBeCut,
            _ => simulation.Faults.Any(plan => Fits(simulation, plan, error.Error)),
        };
        return fits ? null : $"it was told {error.Error}: {error.Message}";
    }

    /// <summary>Null where a newcomer may be left out so: the members may not have waited for it, or a fault have come before it was one of them.</summary>
    public static string? ComplaintOfNewcomer(Simulation simulation, CollectiveException error)
    {
        bool fits = error is RendezvousException ? simulation.NewcomersMayMiss : ComplaintOfShrink(simulation, -1, error) is null;
        return fits ? null : $"it was told {error.Error}: {error.Message}";
    }

    private static bool Fits(Simulation simulation, FaultPlan plan, Error found) => plan.MayFail && found switch
    {
        Error.PeerDied => plan.Kind is FaultKind.Death or FaultKind.LostLink,
        Error.Transport => plan.Kind == FaultKind.FailedCompletion,
        Error.Timeout => simulation.EndsByDeadline,
        Error.Rendezvous => plan.Kind == FaultKind.Deadline,
        Error.Canceled => plan.Kind == FaultKind.Cancel,
        Error.Aborted => plan.Kind == FaultKind.Abort,
        Error.PeerLeft => simulation.HasParts || simulation.EndsByDeadline || simulation.GoesOn || plan.Kind == FaultKind.FailedCompletion || plan.Activity is Activity.Create or Activity.Dispose, // a rank that leaves after a fault of a part is missed in the other communicators
        Error.Excluded => simulation.GoesOn,
        _ => false,
    };

    // A split is not compared with a call: it waits for all, up to its deadline.
    private static bool FitsDeviation(Simulation simulation, Error found) => found switch
    {
        Error.Mismatch => true,
        Error.PeerLeft => true, // a rank that others do not wait for is done before they are
        Error.Timeout => simulation.EndsByDeadline,
        _ => false,
    };
}
