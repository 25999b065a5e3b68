using System.Runtime.CompilerServices;

namespace RdmaCollectives.Memory;

/// <summary>Counts who uses something that its owner may dispose at any time: the end comes when it is closed and nobody uses it any more, once.</summary>
internal sealed class UseCount
{
    // Closed in the sign bit, users in the others: one word, so that the last user and the closer agree on who runs the end.
    private const int ClosedBit = int.MinValue;

    private int _state;
    private Action? _end;

    public bool IsClosed => Volatile.Read(ref _state) < 0;

    /// <summary>Takes a count; false when it is closed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryHold()
    {
        int state = Volatile.Read(ref _state);
        while (state >= 0)
        {
            int seen = Interlocked.CompareExchange(ref _state, state + 1, state);
            if (seen == state)
            {
                return true;
            }

            state = seen;
        }

        return false;
    }

    /// <summary>Gives a count back; the last one after <see cref="Close"/> runs the end.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _state) == ClosedBit)
        {
            RunEnd();
        }
    }

    /// <summary>No count is given out from now on; <paramref name="end"/> runs as soon as there is none left. Closing again does nothing.</summary>
    public void Close(Action end)
    {
        // The end is stored before the bit: whoever sees the bit with no users finds it.
        if (Interlocked.CompareExchange(ref _end, end, null) is null && Interlocked.Or(ref _state, ClosedBit) == 0)
        {
            RunEnd();
        }
    }

    private void RunEnd() => Volatile.Read(ref _end)!();
}
