using System.Runtime.CompilerServices;

namespace RdmaCollectives.Transports;

/// <summary>
/// Keeps the one thread that moves data out of the caller's memory after a fence. That thread enters before each piece of work (system calls and copies, never blocking) and
/// leaves after it; <see cref="Close"/>, from any thread, lets nobody enter any more and returns when the one inside has left.
/// <para>
/// Enter is "write inside, read state", Close is "write state, read inside": one of the two must see the other (Dekker), which needs a full barrier between write and read on both
/// sides. The barrier of the busy side is done for it by <see cref="Interlocked.MemoryBarrierProcessWide"/> in Close, so that entering costs two plain accesses.
/// </para>
/// <para>
/// <see cref="Pause"/> is a Close that ends: who would enter waits for <see cref="Resume"/>, and whoever paused may do inside what that thread does. Those who close and pause exclude each other by a lock of
/// their own.
/// </para>
/// </summary>
internal sealed class FenceGate
{
    private const int Open = 0;
    private const int Paused = 1;
    private const int Closed = 2;

    private bool _inside;
    private int _state;

    public bool IsClosed => Volatile.Read(ref _state) == Closed;

    /// <summary>False once the gate is closed; waits while it is paused. One thread at a time, not nested.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryEnter()
    {
        Volatile.Write(ref _inside, true);
        return Volatile.Read(ref _state) == Open || TryEnterLater();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Leave() => Volatile.Write(ref _inside, false);

    /// <summary>Returns when nobody is inside and nobody will be. What is done inside never blocks, so the wait is microseconds unless that thread lost its processor.</summary>
    public void Close() => Shut(Closed);

    /// <summary>Returns when nobody is inside, and nobody will be until <see cref="Resume"/>. Not once the gate is closed.</summary>
    public void Pause() => Shut(Paused);

    public void Resume() => Volatile.Write(ref _state, Open);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryEnterLater()
    {
        SpinWait spin = default;
        while (true)
        {
            Volatile.Write(ref _inside, false);
            int state;
            while ((state = Volatile.Read(ref _state)) == Paused)
            {
                spin.SpinOnce();
            }

            if (state == Closed)
            {
                return false;
            }

            Volatile.Write(ref _inside, true);
            if (Volatile.Read(ref _state) == Open)
            {
                return true;
            }
        }
    }

    private void Shut(int state)
    {
        Volatile.Write(ref _state, state);
        Interlocked.MemoryBarrierProcessWide();
        SpinWait spin = default;
        while (Volatile.Read(ref _inside))
        {
            spin.SpinOnce();
        }
    }
}
