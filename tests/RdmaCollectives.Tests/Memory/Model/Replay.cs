namespace RdmaCollectives.Tests.Memory.Model;

/// <summary>One call of the code under test, run up to the operation that is to be chosen next. <paramref name="weakened"/> is the site that does less than its code says, or null.</summary>
internal sealed class Replay(IReadOnlyList<ulong> results, Site? weakened, HashSet<Site> sites)
{
    private readonly Dictionary<OperationKind, int> _ordinals = [];
    private int _position;

    /// <summary>Set by the actor before it does anything else.</summary>
    public string Call { get; set; } = "";

    /// <summary>The operation that the call stopped at; null when it came to its end.</summary>
    public ModelOperation? Pending { get; private set; }

    public bool IsStopped => Pending is not null;

    public ulong Do(ModelOperation operation)
    {
        if (IsStopped)
        {
            return 0;
        }

        int ordinal = _ordinals.GetValueOrDefault(operation.Kind);
        _ordinals[operation.Kind] = ordinal + 1;
        var site = new Site(Call, operation.Kind, ordinal);
        sites.Add(site);
        return site == weakened ? Weakly(operation) : Take(operation);
    }

    private ulong Weakly(ModelOperation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.Publish or OperationKind.FullBarrier:
                return 0;
            case OperationKind.WriteRelease:
                return Take(operation with { Kind = OperationKind.Write });
            case OperationKind.ReadAcquire:
                return Take(operation with { Kind = OperationKind.Read });
            case OperationKind.Exchange or OperationKind.CompareExchange:
                ulong was = Take(operation with { Kind = OperationKind.Read });
                if (!IsStopped && (operation.Kind == OperationKind.Exchange || was == operation.Comparand))
                {
                    Take(operation with { Kind = OperationKind.Write });
                }

                return was;
            default:
                throw new ArgumentException($"{operation.Kind} has no weaker form.", nameof(operation));
        }
    }

    private ulong Take(ModelOperation operation)
    {
        if (IsStopped)
        {
            return 0;
        }

        if (_position < results.Count)
        {
            return results[_position++];
        }

        Pending = operation;
        return 0;
    }
}
