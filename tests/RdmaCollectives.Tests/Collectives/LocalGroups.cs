namespace RdmaCollectives.Tests.Collectives;

/// <summary>Groups of ranks that the cases of a class share, by size; one that a case broke is made anew.</summary>
public sealed class LocalGroups : IDisposable
{
    private readonly Dictionary<int, LocalGroup> _groups = [];

    /// <summary>Chunks of 4 KiB, so that a large call is many rounds.</summary>
    public static CommunicatorOptions Options => new() { ChunkBytes = 4096, Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>Runs something on every rank of a group.</summary>
    public void Run(int ranks, Action<Communicator> body)
    {
        if (!_groups.TryGetValue(ranks, out LocalGroup? group))
        {
            _groups[ranks] = group = Communicator.CreateLocalGroup(ranks, Options);
        }

        try
        {
            group.Run(body);
        }
        catch
        {
            _groups.Remove(ranks);
            group.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (LocalGroup group in _groups.Values)
        {
            group.Dispose();
        }
    }
}
