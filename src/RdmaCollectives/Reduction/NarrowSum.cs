using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RdmaCollectives.Reduction;

/// <summary>
/// The sum of narrow floats. A block of which all operands are finite, as most are, is added without knowing their values (see <see cref="NarrowLanes{TFormat}"/>, "aligned"); a block with an infinity
/// or a NaN, and what is left at the end, is added like everything else, by <see cref="Widened{T, TFormat, TCombine}"/>. Both give the same bits for finite operands.
/// </summary>
internal static unsafe class NarrowSum<T, TFormat>
    where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>
    where TFormat : struct, INarrowFormat
{
    /// <summary>Both operands of a block stay in the first-level cache between looking at them and adding them.</summary>
    private const nuint BlockByteCount = 4096;

    /// <summary>Codes are doubled before they are compared, which takes the sign off.</summary>
    private static T TwiceLargestFinite
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => T.CreateTruncating(TFormat.LargestFinite * 2);
    }

    private static T TwiceInfinity
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => T.CreateTruncating(TFormat.Infinity * 2);
    }

    private static T NaN
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => T.CreateTruncating(TFormat.NaN);
    }

    private static nuint VectorByteCount
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(Vector512.IsHardwareAccelerated ? Vector512<byte>.Count : Vector256.IsHardwareAccelerated ? Vector256<byte>.Count : Vector128<byte>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Combine(void* state, byte* left, byte* right, byte* destination, nuint count)
    {
        nuint byteCount = count * (nuint)sizeof(T);
        while (byteCount >= VectorByteCount)
        {
            nuint n = nuint.Min(byteCount, BlockByteCount) & ~(VectorByteCount - 1);
            if (TFormat.ExponentGap == 0 || AllFinite(left, right, n))
            {
                Add(left, right, destination, n);
            }
            else
            {
                ElementwiseKernel<T, Widened<T, TFormat, Sum<float>>>.Combine(state, left, right, destination, n / (nuint)sizeof(T));
            }

            left += n;
            right += n;
            destination += n;
            byteCount -= n;
        }

        ElementwiseKernel<T, Widened<T, TFormat, Sum<float>>>.Combine(state, left, right, destination, byteCount / (nuint)sizeof(T));
    }

    private static bool AllFinite(byte* left, byte* right, nuint byteCount)
        => Vector512.IsHardwareAccelerated ? AllFinite512(left, right, byteCount)
            : Vector256.IsHardwareAccelerated ? AllFinite256(left, right, byteCount)
            : AllFinite128(left, right, byteCount);

    private static void Add(byte* left, byte* right, byte* destination, nuint byteCount)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Add512(left, right, destination, byteCount);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Add256(left, right, destination, byteCount);
        }
        else
        {
            Add128(left, right, destination, byteCount);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AllFinite128(byte* left, byte* right, nuint byteCount)
    {
        Vector128<T> greatest = default;
        for (nuint i = 0; i < byteCount; i += (nuint)Vector128<byte>.Count)
        {
            Vector128<T> l = Vector128.Load((T*)(left + i)), r = Vector128.Load((T*)(right + i));
            greatest = Vector128.Max(greatest, Vector128.Max(l + l, r + r));
        }

        return Vector128.LessThanOrEqualAll(greatest, Vector128.Create(TwiceLargestFinite));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add128(byte* left, byte* right, byte* destination, nuint byteCount)
    {
        for (nuint i = 0; i < byteCount; i += (nuint)Vector128<byte>.Count)
        {
            Vector128<uint> l = Vector128.Load((uint*)(left + i)), r = Vector128.Load((uint*)(right + i));
            Vector128<uint> sum = TFormat.Bits == 16
                ? NarrowLanes<TFormat>.Join(AddAtTop(l, r), AddAtTop(l << 16, r << 16))
                : NarrowLanes<TFormat>.Join(AddAtTop(l, r), AddAtTop(l << 8, r << 8), AddAtTop(l << 16, r << 16), AddAtTop(l << 24, r << 24));
            if (TFormat.ExponentGap == 0)
            {
                Vector128<T> codes = sum.As<uint, T>(), infinity = Vector128.Create(TwiceInfinity), nan = Vector128.Create(NaN);
                sum = Vector128.ConditionalSelect(Vector128.GreaterThan(codes + codes, infinity), nan, codes).AsUInt32();
            }

            sum.Store((uint*)(destination + i));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> AddAtTop(Vector128<uint> left, Vector128<uint> right)
        => NarrowLanes<TFormat>.RoundAligned(NarrowLanes<TFormat>.Align(left) + NarrowLanes<TFormat>.Align(right));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AllFinite256(byte* left, byte* right, nuint byteCount)
    {
        Vector256<T> greatest = default;
        for (nuint i = 0; i < byteCount; i += (nuint)Vector256<byte>.Count)
        {
            Vector256<T> l = Vector256.Load((T*)(left + i)), r = Vector256.Load((T*)(right + i));
            greatest = Vector256.Max(greatest, Vector256.Max(l + l, r + r));
        }

        return Vector256.LessThanOrEqualAll(greatest, Vector256.Create(TwiceLargestFinite));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add256(byte* left, byte* right, byte* destination, nuint byteCount)
    {
        for (nuint i = 0; i < byteCount; i += (nuint)Vector256<byte>.Count)
        {
            Vector256<uint> l = Vector256.Load((uint*)(left + i)), r = Vector256.Load((uint*)(right + i));
            Vector256<uint> sum = TFormat.Bits == 16
                ? NarrowLanes<TFormat>.Join(AddAtTop(l, r), AddAtTop(l << 16, r << 16))
                : NarrowLanes<TFormat>.Join(AddAtTop(l, r), AddAtTop(l << 8, r << 8), AddAtTop(l << 16, r << 16), AddAtTop(l << 24, r << 24));
            if (TFormat.ExponentGap == 0)
            {
                Vector256<T> codes = sum.As<uint, T>(), infinity = Vector256.Create(TwiceInfinity), nan = Vector256.Create(NaN);
                sum = Vector256.ConditionalSelect(Vector256.GreaterThan(codes + codes, infinity), nan, codes).AsUInt32();
            }

            sum.Store((uint*)(destination + i));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> AddAtTop(Vector256<uint> left, Vector256<uint> right)
        => NarrowLanes<TFormat>.RoundAligned(NarrowLanes<TFormat>.Align(left) + NarrowLanes<TFormat>.Align(right));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AllFinite512(byte* left, byte* right, nuint byteCount)
    {
        Vector512<T> greatest = default;
        for (nuint i = 0; i < byteCount; i += (nuint)Vector512<byte>.Count)
        {
            Vector512<T> l = Vector512.Load((T*)(left + i)), r = Vector512.Load((T*)(right + i));
            greatest = Vector512.Max(greatest, Vector512.Max(l + l, r + r));
        }

        return Vector512.LessThanOrEqualAll(greatest, Vector512.Create(TwiceLargestFinite));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add512(byte* left, byte* right, byte* destination, nuint byteCount)
    {
        for (nuint i = 0; i < byteCount; i += (nuint)Vector512<byte>.Count)
        {
            Vector512<uint> l = Vector512.Load((uint*)(left + i)), r = Vector512.Load((uint*)(right + i));
            Vector512<uint> sum = TFormat.Bits == 16
                ? NarrowLanes<TFormat>.Join(AddAtTop(l, r), AddAtTop(l << 16, r << 16))
                : NarrowLanes<TFormat>.Join(AddAtTop(l, r), AddAtTop(l << 8, r << 8), AddAtTop(l << 16, r << 16), AddAtTop(l << 24, r << 24));
            if (TFormat.ExponentGap == 0)
            {
                Vector512<T> codes = sum.As<uint, T>(), infinity = Vector512.Create(TwiceInfinity), nan = Vector512.Create(NaN);
                sum = Vector512.ConditionalSelect(Vector512.GreaterThan(codes + codes, infinity), nan, codes).AsUInt32();
            }

            sum.Store((uint*)(destination + i));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> AddAtTop(Vector512<uint> left, Vector512<uint> right)
        => NarrowLanes<TFormat>.RoundAligned(NarrowLanes<TFormat>.Align(left) + NarrowLanes<TFormat>.Align(right));
}
