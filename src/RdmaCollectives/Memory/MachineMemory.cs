using System.Runtime.CompilerServices;
using RdmaCollectives.Memory.Interop;

namespace RdmaCollectives.Memory;

/// <summary>The machine's own memory and the kernel's own sleep. Every method of memory compiles to the one instruction that it names.</summary>
internal readonly unsafe struct MachineMemory : IMemory
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(ulong* word) => *word;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Read(uint* word) => *word;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ulong* word, ulong value) => *word = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(uint* word, uint value) => *word = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ReadAcquire(ulong* word) => Volatile.Read(ref *word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteRelease(ulong* word, ulong value) => Volatile.Write(ref *word, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Publish() => MemoryOrder.Publish();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FullBarrier() => Interlocked.MemoryBarrier();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Exchange(uint* word, uint value) => Interlocked.Exchange(ref *word, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CompareExchange(uint* word, uint value, uint comparand) => Interlocked.CompareExchange(ref *word, value, comparand);

    /// <summary>futex(2) without FUTEX_PRIVATE_FLAG: the word is shared between processes. A signal ends the sleep early, which every caller expects.</summary>
    public static void FutexWait(uint* word, uint expected, TimeSpan max)
    {
        var timeout = new Libc.timespec
        {
            tv_sec = max.Ticks / TimeSpan.TicksPerSecond,
            tv_nsec = max.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick,
        };
        Libc.futex(Libc.SYS_futex, word, Libc.FUTEX_WAIT, (nint)expected, &timeout, 0, 0);
    }

    public static void FutexWake(uint* word) => Libc.futex(Libc.SYS_futex, word, Libc.FUTEX_WAKE, int.MaxValue, null, 0, 0);

    /// <summary>One byte into a pipe that does not block. A full pipe is readable already, so EAGAIN is as good.</summary>
    public static void Signal(int descriptor)
    {
        byte one = 1;
        Libc.write(descriptor, &one, 1);
    }
}
