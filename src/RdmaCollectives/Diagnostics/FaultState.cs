namespace RdmaCollectives.Diagnostics;

/// <summary>
/// The one fault flag of a communicator: set once, polled by every wait. The first fault sets it; the verdict, on which the ranks agree a moment later, takes its place.
/// </summary>
internal sealed class FaultState
{
    private Fault? _first;
    private Fault? _verdict;

    /// <summary>The verdict, before that the fault that came first, or null while there is none. Cheap enough for every turn of a wait.</summary>
    public Fault? Current => Volatile.Read(ref _verdict) ?? Volatile.Read(ref _first);

    /// <summary>The fault that set the flag, or null.</summary>
    public Fault? First => Volatile.Read(ref _first);

    public bool IsSet => Volatile.Read(ref _first) is not null;

    /// <summary>What all ranks throw, or null while they have not told each other, or there is no fault.</summary>
    public Fault? Verdict => Volatile.Read(ref _verdict);

    /// <summary>Called once, right after the fault was set, by whoever set it: leaves a note for another thread. Must not block.</summary>
    public Action? WhenSet { get; set; }

    /// <summary>Sets the fault unless there is one already. Returns whether this call set it; the caller that did tells the other ranks and wakes sleepers.</summary>
    public bool TrySet(Fault fault)
    {
        if (Interlocked.CompareExchange(ref _first, fault, null) is not null)
        {
            return false;
        }

        WhenSet?.Invoke();
        return true;
    }

    /// <summary>Sets what all ranks throw, once.</summary>
    public void Decide(Fault verdict) => Interlocked.CompareExchange(ref _verdict, verdict, null);
}
