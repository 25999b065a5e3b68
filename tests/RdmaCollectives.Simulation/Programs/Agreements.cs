using RdmaCollectives.Simulation.Scheduling;

namespace RdmaCollectives.Simulation.Programs;

/// <summary>What each epoch consists of: any two ranks that come back from a shrink with the same epoch have the same members, and no rank is in two groups.</summary>
internal sealed class Agreements(Scheduler scheduler)
{
    private readonly Dictionary<int, (int By, string Members)> _byEpoch = [];

    /// <summary>How many came back.</summary>
    public int Count { get; private set; }

    /// <param name="rank">Of the job.</param>
    /// <param name="result">What the shrink gave it.</param>
    /// <param name="jobRanks">The members by their ranks in the job.</param>
    public void Returned(int rank, ShrinkResult result, int[] jobRanks)
    {
        Count++;
        string members = string.Join(' ', jobRanks);
        if (result.Survivors.Count != result.Communicator.WorldSize || jobRanks[result.Communicator.Rank] != rank)
        {
            scheduler.Fail($"rank {rank} came back from a shrink as {result.Communicator.Rank} of {result.Communicator.WorldSize}, with the members {members}");
        }

        if (!_byEpoch.TryGetValue(result.Epoch, out (int By, string Members) known))
        {
            _byEpoch[result.Epoch] = (rank, members);
        }
        else if (known.Members != members)
        {
            scheduler.Fail($"two groups in epoch {result.Epoch}: rank {known.By} has the members {known.Members}, rank {rank} has {members}");
        }
    }
}
