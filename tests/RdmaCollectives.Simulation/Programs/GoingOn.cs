using RdmaCollectives.Schedules;
using RdmaCollectives.Simulation.Faults;
using RdmaCollectives.Simulation.Network;
using RdmaCollectives.Simulation.Scheduling;

namespace RdmaCollectives.Simulation.Programs;

/// <summary>
/// What a rank does after a fault of the communicator of all: shrinks it, looks that all who return have the same members, and goes on with all-reduces, whose sums are exact; when there is a fault again, again.
/// </summary>
internal sealed class GoingOn(Simulation simulation, SimProcess process, List<Communicator> disposables, Func<int, GuardedBuffer> make)
{
    private const int MostShrinks = 6;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    private int[] _jobRanks = [.. Enumerable.Range(0, simulation.Ranks.Count)]; // by the rank in the communicator

    private Scheduler Scheduler => process.Scheduler;

    public void Run(Communicator communicator)
    {
        for (int i = 0; i < MostShrinks; i++)
        {
            process.Activity = Activity.Shrink;
            if (Shrink(communicator) is not { } next)
            {
                return;
            }

            communicator = next;
            disposables.Add(next);
            process.Communicator = next;
            process.Activity = Activity.Collective;
            if (TryCalls(next))
            {
                return;
            }
        }

        Scheduler.Fail($"rank {process.Rank} has shrunk {MostShrinks} times, and there is a fault again");
    }

    private Communicator? Shrink(Communicator communicator)
    {
        try
        {
            ShrinkResult result = communicator.Shrink(Patience);
            _jobRanks = [.. result.Survivors.Select(survivor => _jobRanks[survivor.OldRank])];
            simulation.Agreements.Returned(process.Rank, result, _jobRanks);
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
