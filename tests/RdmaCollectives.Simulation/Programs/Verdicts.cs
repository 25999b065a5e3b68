using RdmaCollectives.Simulation.Faults;

namespace RdmaCollectives.Simulation.Programs;

/// <summary>Which exceptions a rank may end by, given what was put.</summary>
internal static class Verdicts
{
    /// <summary>Null where the exception tells what happened.</summary>
    public static string? Complaint(FaultPlan plan, int rank, Exception error, bool hasParts)
    {
        if (error is OperationCanceledException)
        {
            return plan.Kind == FaultKind.Cancel && rank == plan.Victim ? null : "it was told that it had cancelled";
        }

        Error found = ((CollectiveException)error).Error;
        bool isVictim = rank == plan.Victim;
        bool fits = found switch
        {
            Error.PeerDied => plan.Kind is FaultKind.Death || (plan.Kind == FaultKind.LostLink && !isVictim),
            Error.ControlPlane => plan.Kind == FaultKind.LostLink && isVictim,
            Error.Transport => plan.Kind == FaultKind.FailedCompletion,
            Error.Timeout => plan.EndsByDeadline,
            Error.Rendezvous => plan.Kind == FaultKind.Deadline || (plan.Kind == FaultKind.LostLink && isVictim),
            Error.Canceled => plan.Kind == FaultKind.Cancel,
            Error.Aborted => plan.Kind == FaultKind.Abort,
            Error.PeerLeft => hasParts || plan.EndsByDeadline || plan.Activity is Activity.Create or Activity.Dispose, // a rank that leaves after a fault of a part is missed in the other communicators
            _ => false,
        };
        return fits ? null : $"it was told {found}: {error.Message}";
    }
}
