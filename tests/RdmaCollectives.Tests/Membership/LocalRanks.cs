using RdmaCollectives.Bootstrap;
using RdmaCollectives.Configuration;
using RdmaCollectives.Tests.Execution;
using RdmaCollectives.Transports.Loopback;

namespace RdmaCollectives.Tests.Membership;

/// <summary>Ranks of this process whose links can be cut: a rank whose control plane is disposed is dead for the others.</summary>
internal sealed class LocalRanks : IDisposable
{
    private readonly ControlPlane[] _planes;
    private readonly LoopbackFabric _fabric;
    private readonly ResolvedOptions _options;
    private readonly List<Communicator> _made = [];

    public LocalRanks(int count, CommunicatorOptions? options = null)
    {
        _options = OptionResolver.Resolve(options ?? new CommunicatorOptions { ChunkBytes = 4096, Slots = 4, JoinTimeout = TimeSpan.FromSeconds(10), Timeout = TimeSpan.FromSeconds(20) }, new OptionInputs(new Dictionary<string, string>(StringComparer.Ordinal), File.ReadAllText));
        _planes = LocalLink.CreateGroup(count);
        _fabric = new LoopbackFabric(count);
        Communicators = new Communicator[count];
        Each(count, rank => Communicators[rank] = CommunicatorFactory.CreateLocal(_options with { Rank = rank, WorldSize = count }, _planes[rank], _fabric));
        _made.AddRange(Communicators);
    }

    public Communicator[] Communicators { get; }

    public int Count => Communicators.Length;

    public ResolvedOptions Options => _options;

    public LoopbackFabric Fabric => _fabric;

    public LocalLink LinkOf(int rank) => (LocalLink)_planes[rank].Link;

    /// <summary>The rank's process ends without a goodbye.</summary>
    public void Kill(int rank) => LinkOf(rank).Die();

    /// <summary>Runs something on a thread for each, and gives what each threw.</summary>
    public static Exception?[] TryEach(int count, Action<int> body)
    {
        Task<Exception?>[] running = [.. Enumerable.Range(0, count).Select(rank => Deadline.Start(() => body(rank)))];
        return [.. running.Select(Deadline.Wait)];
    }

    public static void Each(int count, Action<int> body)
    {
        Exception?[] errors = TryEach(count, body);
        Assert.All(errors, Assert.Null);
    }

    /// <summary>All-reduces whose sums are known.</summary>
    public static void Exercise(Communicator communicator, int calls)
    {
        int[] values = new int[777];
        for (int call = 0; call < calls; call++)
        {
            Array.Fill(values, communicator.Rank + call);
            communicator.AllReduce(values.AsSpan(), ReduceOp.Sum);
            int expected = (communicator.WorldSize * (communicator.WorldSize - 1) / 2) + (call * communicator.WorldSize);
            Assert.False(values.AsSpan().ContainsAnyExcept(expected), $"call {call}: {values[0]}, expected {expected}");
        }
    }

    public T Own<T>(T result)
        where T : class
    {
        lock (_made)
        {
            _made.Add(result as Communicator ?? ((ShrinkResult)(object)result).Communicator);
        }

        return result;
    }

    public void Dispose() => _made.ForEach(communicator => communicator.Dispose());
}
