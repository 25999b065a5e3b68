using RdmaCollectives.Simulation.Network;
using RdmaCollectives.Simulation.Scheduling;

namespace RdmaCollectives.Simulation.Programs;

/// <summary>What each epoch consists of: any two ranks that come back from a shrink or a grow with the same epoch have the same members, and no rank is in two groups.</summary>
internal sealed class Agreements(Scheduler scheduler)
{
    private readonly Dictionary<int, (int By, string Members)> _byEpoch = [];

    /// <summary>How many came back.</summary>
    public int Count { get; private set; }

    /// <param name="process">Who came back.</param>
    /// <param name="communicator">What it got: the last that it made.</param>
    public void Returned(SimProcess process, Communicator communicator)
    {
        Count++;
        int[] jobRanks = process.Transports[^1].JobRanks;
        string members = string.Join(' ', jobRanks);
        if (jobRanks.Length != communicator.WorldSize || jobRanks[communicator.Rank] != process.Rank)
        {
            scheduler.Fail($"rank {process.Rank} came back as {communicator.Rank} of {communicator.WorldSize}, with the members {members}");
        }

        if (!_byEpoch.TryGetValue(communicator.Epoch, out (int By, string Members) known))
        {
            _byEpoch[communicator.Epoch] = (process.Rank, members);
        }
        else if (known.Members != members)
        {
            scheduler.Fail($"two groups in epoch {communicator.Epoch}: rank {known.By} has the members {known.Members}, rank {process.Rank} has {members}");
        }
    }
}
