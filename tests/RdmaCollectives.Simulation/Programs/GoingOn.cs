using RdmaCollectives.Schedules;
using RdmaCollectives.Simulation.Faults;
using RdmaCollectives.Simulation.Network;
using RdmaCollectives.Simulation.Scheduling;

namespace RdmaCollectives.Simulation.Programs;

/// <summary>
/// What a rank does after a fault of the communicator of all, or with one that has grown: it goes on with all-reduces, whose sums are exact; and after a fault it shrinks, looks that all who return have the same members, and goes
/// on again.
/// </summary>
internal sealed class GoingOn(Simulation simulation, SimProcess process, List<Communicator> disposables, Func<int, GuardedBuffer> make)
{
    private const int MostShrinks = 6;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    private Scheduler Scheduler => process.Scheduler;

    /// <summary>From a communicator that is at fault.</summary>
    public void AfterFault(Communicator communicator)
    {
        for (int i = 0; i < MostShrinks; i++)
        {
            process.Activity = Activity.Shrink;
            if (Shrink(communicator) is not { } next)
            {
                return;
            }

            communicator = next;
            if (TryUse(next))
            {
                return;
            }
        }

        Scheduler.Fail($"rank {process.Rank} has shrunk {MostShrinks} times, and there is a fault again");
    }

    /// <summary>With a communicator that has grown.</summary>
    public void AfterGrow(Communicator communicator)
    {
        simulation.Agreements.Returned(process, communicator);
        if (!TryUse(communicator))
        {
            AfterFault(communicator);
        }
    }

    private bool TryUse(Communicator communicator)
    {
        disposables.Add(communicator);
        process.Communicator = communicator;
        process.Activity = Activity.Collective;
        return TryCalls(communicator);
    }

    private Communicator? Shrink(Communicator communicator)
    {
        try
        {
            ShrinkResult result = communicator.Shrink(Patience);
            if (result.Survivors.Count != result.Communicator.WorldSize)
            {
                Scheduler.Fail($"{result.Survivors.Count} survivors are {result.Communicator.WorldSize} ranks");
            }

            simulation.Agreements.Returned(process, result.Communicator);
            return result.Communicator;
        }
        catch (CollectiveException error)
        {
            Scheduler.Note($"shrink: {error.GetType().Name}: {error.Message}");
            if (Verdicts.ComplaintOfShrink(simulation, process.Rank, error) is { } complaint)
            {
                Scheduler.Fail($"rank {process.Rank} could not shrink: {complaint}");
            }

            return null;
        }
    }

    // False where there was another fault.
    private bool TryCalls(Communicator communicator)
    {
        try
        {
            for (int call = 0; call < simulation.CallsAfterwards; call++)
            {
                var sum = new CollectiveCall(communicator, CollectiveKind.AllReduce, (communicator.Epoch * 1000) + call, 1 + (call % 40), root: 0, algorithm: null, make);
                sum.Run();
                if (sum.Complaint() is { } complaint)
                {
                    Scheduler.Fail($"rank {process.Rank}, in epoch {communicator.Epoch}: {complaint}");
                }

                sum.Scribble();
            }

            return true;
        }
        catch (CollectiveException error)
        {
            Scheduler.Note($"{error.GetType().Name}: {error.Message}");
            if (Verdicts.Complaint(simulation, process.Rank, error) is { } complaint)
            {
                Scheduler.Fail($"rank {process.Rank}, in epoch {communicator.Epoch}: {complaint}");
            }

            return false;
        }
    }
}
