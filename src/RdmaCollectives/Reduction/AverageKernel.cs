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
            // A rank count need not fit an 8-bit or a signed 16-bit element.
            v[i] = sizeof(T) <= 2 ? T.CreateTruncating(int.CreateTruncating(v[i]) / rankCount) : v[i] / T.CreateTruncating(rankCount);
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

    /// <summary>Divides in float and rounds once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DivideNarrow<T, TFormat>(byte* values, nuint count, int rankCount)
        where T : unmanaged, IBinaryInteger<T>
        where TFormat : struct, INarrowFormat
    {
        T* v = (T*)values;
        float divisor = rankCount;
        nuint i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; count - i >= (nuint)Vector256<T>.Count; i += (nuint)Vector256<T>.Count)
            {
                Vector256<uint> x = Vector256.Load((uint*)(v + i));
                Vector256<uint> result = TFormat.Bits == 16
                    ? NarrowLanes<TFormat>.Join(DivideAtTop<TFormat>(x, divisor), DivideAtTop<TFormat>(x << 16, divisor))
                    : NarrowLanes<TFormat>.Join(
                        DivideAtTop<TFormat>(x, divisor), DivideAtTop<TFormat>(x << 8, divisor), DivideAtTop<TFormat>(x << 16, divisor), DivideAtTop<TFormat>(x << 24, divisor));
                result.Store((uint*)(v + i));
            }
        }

        for (; i < count; i++)
        {
            v[i] = T.CreateTruncating(TFormat.Narrow(TFormat.Widen(uint.CreateTruncating(v[i])) / divisor));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> DivideAtTop<TFormat>(Vector256<uint> codes, float divisor)
        where TFormat : struct, INarrowFormat
        => NarrowLanes<TFormat>.Narrow(NarrowLanes<TFormat>.Widen(codes) / divisor);
}
