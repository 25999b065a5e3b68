namespace RdmaCollectives.Diagnostics;

/// <summary>The one fault flag of a communicator: set once, polled by every wait. The first fault wins.</summary>
internal sealed class FaultState
{
    private Fault? _current;

    /// <summary>The fault, or null while there is none. One volatile read: cheap enough for every turn of a wait.</summary>
    public Fault? Current => Volatile.Read(ref _current);

    /// <summary>Called once, right after the fault was set, by whoever set it: leaves a note for another thread. Must not block.</summary>
    public Action? WhenSet { get; set; }

    public bool IsSet => Volatile.Read(ref _current) is not null;

    /// <summary>Sets the fault unless there is one already. Returns whether this call set it; the caller that did tells the other ranks and wakes sleepers.</summary>
    public bool TrySet(Fault fault)
    {
        if (Interlocked.CompareExchange(ref _current, fault, null) is not null)
        {
            return false;
        }

        WhenSet?.Invoke();
        return true;
    }
}
