using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RdmaCollectives.Reduction;

/// <summary>The end of an average: divides complete sums in place by the number of ranks. Fully optimized from the first call, for the reason given in <see cref="ElementwiseKernel{T, TCombine}"/>.</summary>
internal static unsafe class AverageKernel
{
    /// <summary>Truncates towards zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DivideIntegers<T>(byte* values, nuint count, int rankCount)
        where T : unmanaged, IBinaryInteger<T>
    {
        T* v = (T*)values;
        for (nuint i = 0; i < count; i++)
        {
            // A rank count need not fit an 8-bit element.
            v[i] = sizeof(T) == 1 ? T.CreateTruncating(int.CreateTruncating(v[i]) / rankCount) : v[i] / T.CreateTruncating(rankCount);
        }
    }

    /// <summary>Divides, rounded once; a product with the reciprocal would round twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DivideFloats<T>(byte* values, nuint count, int rankCount)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T* v = (T*)values;
        T divisor = T.CreateTruncating(rankCount);
        nuint i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; count - i >= (nuint)Vector256<T>.Count; i += (nuint)Vector256<T>.Count)
            {
                CanonicalNaN<T, Quotient<T>>.Invoke(Vector256.Load(v + i), Vector256.Create(divisor)).Store(v + i);
            }
        }

        for (; i < count; i++)
        {
            v[i] = CanonicalNaN<T, Quotient<T>>.Invoke(v[i], divisor);
        }
    }

    /// <summary>Divides in float and rounds to 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DivideWidened<TFormat>(byte* values, nuint count, int rankCount)
        where TFormat : struct, IFloat16Format
    {
        ushort* v = (ushort*)values;
        float divisor = rankCount;
        nuint i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; count - i >= (nuint)Vector256<ushort>.Count; i += (nuint)Vector256<ushort>.Count)
            {
                (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(Vector256.Load(v + i));
                Vector256.Narrow(TFormat.Narrow(TFormat.Widen(lower) / divisor), TFormat.Narrow(TFormat.Widen(upper) / divisor)).Store(v + i);
            }
        }

        for (; i < count; i++)
        {
            v[i] = TFormat.Narrow(TFormat.Widen(v[i]) / divisor);
        }
    }
}
