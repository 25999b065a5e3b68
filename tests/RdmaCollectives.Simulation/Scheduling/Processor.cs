using System.Runtime.InteropServices;

namespace RdmaCollectives.Simulation.Scheduling;

/// <summary>Keeps all fibers on one processor: one runs at a time, and a hand-over to another processor takes several times as long.</summary>
internal static unsafe partial class Processor
{
    /// <summary>The processor of this worker; negative: any.</summary>
    public static int Number { get; set; } = -1;

    /// <summary>Pins the calling thread.</summary>
    public static void Pin()
    {
        if (Number < 0)
        {
            return;
        }

        ulong* mask = stackalloc ulong[16];
        new Span<ulong>(mask, 16).Clear();
        mask[Number / 64] = 1UL << (Number % 64);
        _ = sched_setaffinity(0, 16 * sizeof(ulong), mask); // refused: it is slower, no more
    }

    [LibraryImport("libc")]
    private static partial int sched_setaffinity(int pid, nuint size, ulong* mask);
}
