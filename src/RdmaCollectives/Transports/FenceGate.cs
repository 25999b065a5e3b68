using System.Runtime.CompilerServices;

namespace RdmaCollectives.Transports;

/// <summary>
/// Keeps the one thread that moves data out of the caller's memory after a fence. That thread enters before each piece of work (system calls and copies, never blocking) and
/// leaves after it; <see cref="Close"/>, from any thread, lets nobody enter any more and returns when the one inside has left.
/// <para>
/// Enter is "write inside, read closed", Close is "write closed, read inside": one of the two must see the other (Dekker), which needs a full barrier between write and read on both
/// sides. The barrier of the busy side is done for it by <see cref="Interlocked.MemoryBarrierProcessWide"/> in Close, so that entering costs two plain accesses.
/// </para>
/// </summary>
internal sealed class FenceGate
{
    private bool _inside;
    private bool _closed;

    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>False once the gate is closed. One thread at a time, not nested.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryEnter()
    {
        Volatile.Write(ref _inside, true);
        if (!Volatile.Read(ref _closed))
        {
            return true;
        }

        Volatile.Write(ref _inside, false);
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Leave() => Volatile.Write(ref _inside, false);

    /// <summary>Returns when nobody is inside and nobody will be. What is done inside never blocks, so the wait is microseconds unless that thread lost its processor.</summary>
    public void Close()
    {
        Volatile.Write(ref _closed, true);
        Interlocked.MemoryBarrierProcessWide();
        SpinWait spin = default;
        while (Volatile.Read(ref _inside))
        {
            spin.SpinOnce();
        }
    }
}
