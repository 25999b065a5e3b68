using System.Runtime.InteropServices;

namespace RdmaCollectives.Simulation.Scheduling;

/// <summary>
/// What one thread waits for and another hands it: a futex, since a simulation does little else than hand over, and the runtime's own events take several times as long. A baton that is handed over before it is waited
/// for is kept.
/// </summary>
internal sealed unsafe partial class Baton
{
    private const int FutexWaitPrivate = 128;
    private const int FutexWakePrivate = 129;

    private readonly int* _word = (int*)NativeMemory.AllocZeroed(64); // lives as long as its thread, which is pooled until the process ends

    // SYS_futex of the two architectures that the library knows.
    private static readonly nint FutexCall = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 98 : 202;

    public void Give()
    {
        Interlocked.Exchange(ref *_word, 1);
        _ = Futex(FutexCall, _word, FutexWakePrivate, 1, null);
    }

    public void Take() => TryTake(null);

    /// <summary>False when it did not come in time.</summary>
    public bool TryTake(TimeSpan longest)
    {
        Timespec time = new() { Seconds = (long)longest.TotalSeconds };
        return TryTake(&time);
    }

    private bool TryTake(Timespec* longest)
    {
        while (Interlocked.Exchange(ref *_word, 0) == 0)
        {
            if (Futex(FutexCall, _word, FutexWaitPrivate, 0, longest) != 0 && longest != null && Marshal.GetLastPInvokeError() == 110)
            {
                return Interlocked.Exchange(ref *_word, 0) != 0;
            }
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Futex(nint number, int* word, int operation, int value, Timespec* timeout);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
