using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RdmaCollectives.Reduction;

/// <summary>The loop of every built-in reduction: <c>destination[i] = left[i] (+) right[i]</c>, in the widest vectors of the processor, then narrower ones, then single elements.</summary>
/// <remarks>
/// Each vector is loaded before it is stored and no element is handled twice, so <c>destination</c> may be <c>left</c> or <c>right</c>. Loads and stores need no
/// alignment. Stores go through the cache: the next step sends what this one wrote.
/// <para>
/// Fully optimized from the first call: 64 KiB of float take 1.5 us then. With tiered compilation the first call took 1.7 ms and the next thirty 40 to 60 us each
/// (64 KiB of Half: 15 ms and 140 to 310 us, against 19); the steady state is the same. Measured on .NET 10.0 and a server processor with AVX-512.
/// </para>
/// </remarks>
internal static unsafe class ElementwiseKernel<T, TCombine>
    where T : unmanaged
    where TCombine : struct, ICombine<T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Combine(void* state, byte* left, byte* right, byte* destination, nuint count)
    {
        T* l = (T*)left;
        T* r = (T*)right;
        T* d = (T*)destination;
        nuint i = 0;

        if (Vector512.IsHardwareAccelerated)
        {
            nuint end = count - (count % (nuint)Vector512<T>.Count);
            for (; i < end; i += (nuint)Vector512<T>.Count)
            {
                TCombine.Invoke(Vector512.Load(l + i), Vector512.Load(r + i)).Store(d + i);
            }
        }

        if (Vector256.IsHardwareAccelerated)
        {
            nuint end = count - (count % (nuint)Vector256<T>.Count);
            for (; i < end; i += (nuint)Vector256<T>.Count)
            {
                TCombine.Invoke(Vector256.Load(l + i), Vector256.Load(r + i)).Store(d + i);
            }
        }

        if (Vector128.IsHardwareAccelerated)
        {
            nuint end = count - (count % (nuint)Vector128<T>.Count);
            for (; i < end; i += (nuint)Vector128<T>.Count)
            {
                TCombine.Invoke(Vector128.Load(l + i), Vector128.Load(r + i)).Store(d + i);
            }
        }

        for (; i < count; i++)
        {
            d[i] = TCombine.Invoke(l[i], r[i]);
        }
    }
}
