using System.Runtime.CompilerServices;

namespace RdmaCollectives.Diagnostics;

/// <summary>
/// The last calls of this rank by sequence, so that the control thread can say which call a peer disagreed with. One writer (the holder of the progress token), any readers:
/// an entry is guarded by its own sequence, 0 while it is written.
/// </summary>
internal sealed class CallLog
{
    public const int Length = 64;

    private readonly Entry[] _entries = new Entry[Length];

    private struct Entry
    {
        public ulong Guard;
        public CallDescription Call;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(in CallDescription call)
    {
        ref Entry entry = ref _entries[call.Sequence % Length];
        Volatile.Write(ref entry.Guard, 0);
        Volatile.WriteBarrier(); // the zero before the call; partner: the second read of the guard
        entry.Call = call;
        Volatile.Write(ref entry.Guard, call.Sequence);
    }

    /// <summary>The call under a sequence, or null when it is not (or no longer) known.</summary>
    public CallDescription? Find(ulong sequence)
    {
        ref Entry entry = ref _entries[sequence % Length];
        if (sequence == 0 || Volatile.Read(ref entry.Guard) != sequence)
        {
            return null;
        }

        CallDescription call = entry.Call;
        Volatile.ReadBarrier(); // the call before the second look at its guard
        return Volatile.Read(ref entry.Guard) == sequence ? call : null;
    }
}
