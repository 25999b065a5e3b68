using RdmaCollectives.Simulation.Faults;
using RdmaCollectives.Simulation.Network;
using RdmaCollectives.Simulation.Scheduling;

namespace RdmaCollectives.Simulation.Programs;

/// <summary>A process that comes to a job which has started: it joins, waits to be taken in, and goes on as the others do.</summary>
/// <param name="simulation">What it is part of.</param>
/// <param name="process">Its process.</param>
/// <param name="arrival">When it comes.</param>
internal sealed class NewcomerProgram(Simulation simulation, SimProcess process, TimeSpan arrival)
{
    private readonly List<GuardedBuffer> _buffers = [];
    private readonly List<Communicator> _disposables = [];

    public SimProcess Process => process;

    private Scheduler Scheduler => process.Scheduler;

    public void Run()
    {
        process.Pace.Sleep(arrival);
        process.Activity = Activity.Grow;
        process.Link.Come();
        if (Join() is { } communicator)
        {
            new GoingOn(simulation, process, _disposables, Make).AfterGrow(communicator);
        }

        process.Activity = Activity.Dispose;
        _disposables.ForEach(disposable => disposable.Dispose());
        foreach (GuardedBuffer buffer in _buffers)
        {
            if (buffer.Complaint() is { } complaint)
            {
                Scheduler.Fail($"newcomer {process.Rank}: {complaint}");
            }

            buffer.Free();
        }
    }

    private Communicator? Join()
    {
        try
        {
            return CommunicatorFactory.CreateNewcomer(simulation.Options with { Rank = 0, WorldSize = 1, IsNewcomer = true }, process.Link, simulation.Fabric, CancellationToken.None);
        }
        catch (CollectiveException error)
        {
            process.Link.Dispose();
            Scheduler.Note($"newcomer: {error.GetType().Name}: {error.Message}");
            if (Verdicts.ComplaintOfNewcomer(simulation, error) is { } complaint)
            {
                Scheduler.Fail($"newcomer {process.Rank} was not taken in: {complaint}");
            }

            return null;
        }
    }

    private GuardedBuffer Make(int count)
    {
        var buffer = new GuardedBuffer(simulation.Arena, count, registered: null);
        _buffers.Add(buffer);
        return buffer;
    }
}
