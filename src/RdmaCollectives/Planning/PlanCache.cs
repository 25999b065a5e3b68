using System.Runtime.CompilerServices;

namespace RdmaCollectives.Planning;

/// <summary>
/// The plans of one communicator, bounded. A hit allocates nothing and takes no lock. When it is full the older half goes: the eviction depends on the order of calls
/// alone, and what is evicted is only compiled again.
/// </summary>
internal sealed class PlanCache(PlanCompiler compiler) : IDisposable
{
    public const int Capacity = 256;

    private readonly Dictionary<PlanKey, Plan> _plans = new(Capacity);
    private readonly Queue<PlanKey> _order = new(Capacity);
    private Plan? _last;

    public int Count => _plans.Count;

    /// <summary>The plan of a call: the last one, a cached one, or a new one.</summary>
    /// <exception cref="ArgumentException">There is no plan for such a call: its elements are larger than a message, or no algorithm serves it with so many ranks.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Plan Get(in PlanKey key)
    {
        if (_last is { } last && PlanKey.Same(last.Key, key))
        {
            return last;
        }

        return Find(key);
    }

    public void Dispose()
    {
        foreach (Plan plan in _plans.Values)
        {
            plan.Dispose();
        }

        _plans.Clear();
        _order.Clear();
        _last = null;
    }

    private Plan Find(in PlanKey key)
    {
        if (!_plans.TryGetValue(key, out Plan? plan))
        {
            plan = Add(key);
        }

        _last = plan;
        return plan;
    }

    private Plan Add(in PlanKey key)
    {
        Plan plan = compiler.Compile(key); // first: when it throws, nothing has changed
        if (_plans.Count >= Capacity)
        {
            _last = null; // it may be among those that go
            for (int i = 0; i < Capacity / 2; i++)
            {
                _plans.Remove(_order.Dequeue(), out Plan? old);
                old?.Dispose();
            }
        }

        _plans.Add(key, plan);
        _order.Enqueue(key);
        return plan;
    }
}
