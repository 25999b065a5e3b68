using System.Runtime.CompilerServices;

namespace RdmaCollectives.Reduction;

/// <summary>
/// What each rank of a pre-multiplied sum does to its own input: <c>destination[i] = source[i] * factor</c>. The factor is taken as a vector of itself, so that
/// the kernel of the product does the work and gives the same bits.
/// </summary>
internal static unsafe class ScaleKernel<T, TProduct>
    where T : unmanaged
    where TProduct : struct, ICombine<T>
{
    private const int BlockByteCount = 4096;

    /// <summary>The state is a pointer to the factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Prepare(void* state, byte* source, byte* destination, nuint count)
    {
        nuint block = nuint.Min(count, (nuint)(BlockByteCount / sizeof(T)));
        byte* factors = stackalloc byte[BlockByteCount];
        new Span<T>(factors, (int)block).Fill(*(T*)state);
        while (count > 0)
        {
            nuint n = nuint.Min(count, block);
            ElementwiseKernel<T, TProduct>.Combine(null, source, factors, destination, n);
            source += n * (nuint)sizeof(T);
            destination += n * (nuint)sizeof(T);
            count -= n;
        }
    }
}
