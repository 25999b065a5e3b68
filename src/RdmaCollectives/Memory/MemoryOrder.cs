using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace RdmaCollectives.Memory;

/// <summary>
/// The one place where data is made visible before a flag, to another process or to a NIC. Reduction and copy kernels may store non-temporally above some size and
/// do not fence (TensorPrimitives does: seen in its code; so does memmove), and x86 orders such stores only at a store fence.
/// </summary>
internal static class MemoryOrder
{
    /// <summary>Everything written before is visible before anything written after: call before each flag or post that others act on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Publish()
    {
        if (Sse.IsSupported)
        {
            Sse.StoreFence();
        }
        else
        {
            Interlocked.MemoryBarrier();
        }
    }
}
