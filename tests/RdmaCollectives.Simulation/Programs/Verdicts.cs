using RdmaCollectives.Simulation.Faults;

namespace RdmaCollectives.Simulation.Programs;

/// <summary>Which exceptions a rank may end by, given what was put, or what is wrong with the program.</summary>
internal static class Verdicts
{
    /// <summary>Null where the exception tells what happened.</summary>
    public static string? Complaint(Simulation simulation, int rank, Exception error)
    {
        FaultPlan plan = simulation.Plan;
        if (error is OperationCanceledException)
        {
            return plan.Kind == FaultKind.Cancel && rank == plan.Victim ? null : "it was told that it had cancelled";
        }

        Error found = ((CollectiveException)error).Error;
        bool fits = plan.MayFail ? FitsFault(simulation, found) : FitsDeviation(simulation, found);
        return fits ? null : $"it was told {found}: {error.Message}";
    }

    private static bool FitsFault(Simulation simulation, Error found)
    {
        FaultPlan plan = simulation.Plan;
        return found switch
        {
            Error.PeerDied => plan.Kind is FaultKind.Death or FaultKind.LostLink,
            Error.Transport => plan.Kind == FaultKind.FailedCompletion,
            Error.Timeout => simulation.EndsByDeadline,
            Error.Rendezvous => plan.Kind == FaultKind.Deadline,
            Error.Canceled => plan.Kind == FaultKind.Cancel,
            Error.Aborted => plan.Kind == FaultKind.Abort,
            Error.PeerLeft => simulation.HasParts || simulation.EndsByDeadline || plan.Activity is Activity.Create or Activity.Dispose, // a rank that leaves after a fault of a part is missed in the other communicators
            _ => false,
        };
    }

    // Where it is the last instruction, ranks that are done with it leave. A split is not compared with a call: it waits for all, up to its deadline.
    private static bool FitsDeviation(Simulation simulation, Error found) => found switch
    {
        Error.Mismatch => true,
        Error.PeerLeft => simulation.Deviation.Index == simulation.Program.Count - 1 || simulation.Deviation.Kind == DeviationKind.Skip || simulation.HasParts,
        Error.Timeout => simulation.HasParts,
        _ => false,
    };
}
