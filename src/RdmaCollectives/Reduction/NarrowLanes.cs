using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RdmaCollectives.Reduction;

/// <summary>
/// Conversions between narrow floats and float on the 32-bit lanes of vectors. Memory is taken as such lanes, so each holds two or four codes; the one at the top of a lane is worked on, the others are
/// shifted there, and nothing ever crosses a lane. Integer operations, because no API of .NET 10 reaches the conversion instructions of the processors. All widths give the same bits.
/// </summary>
/// <remarks>
/// <para>
/// Aligned: with its magnitude shifted down by the difference of the exponent widths, a code is the float of the same fields: a finite value, subnormal or not, times a power of two. Sums need no more than that:
/// additions are scaled alike, and subnormal floats are exact. Products and quotients need the value.
/// </para>
/// <para>
/// Widening computes two candidates for the magnitude: <c>v</c>, the bits with the exponent's bias changed, right for normal numbers, and <c>w = 2v - m</c>, right for subnormal ones, where m is the
/// least normal number. <c>v</c> is at least m exactly for normal numbers, so the right one is the lesser. No step has a subnormal float as operand or result.
/// </para>
/// <para>Narrowing to a subnormal lets the adder round: it adds the float whose last place is worth as much as a subnormal's.</para>
/// </remarks>
internal static class NarrowLanes<TFormat>
    where TFormat : struct, INarrowFormat
{
    private const int Sign = int.MinValue;
    private const int AllButSign = int.MaxValue;
    private const int SingleInfinity = 0xFF << 23;

    // Magnitudes of this format where they lie in an aligned float.
    private static int LargestFinite
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (int)(TFormat.LargestFinite << TFormat.FractionShift);
    }

    private static int Infinity
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (int)(TFormat.Infinity << TFormat.FractionShift);
    }

    private static int Overflow
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (int)(TFormat.Overflow << TFormat.FractionShift);
    }

    /// <summary>The sign, and every bit of a magnitude, in an aligned float.</summary>
    private static int AlignedBits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Sign | (((1 << (TFormat.Bits - 1)) - 1) << TFormat.FractionShift);
    }

    private static int JustUnderHalf
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (1 << (TFormat.FractionShift - 1)) - 1;
    }

    /// <summary>The difference of the biases in a float's exponent field.</summary>
    private static int Rebias
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.BiasDifference << 23;
    }

    /// <summary>The least normal number of this format.</summary>
    private static int LeastNormal
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (TFormat.BiasDifference + 1) << 23;
    }

    /// <summary>The float whose unit in the last place is this format's smallest positive value.</summary>
    private static int SubnormalUnit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (TFormat.BiasDifference + TFormat.FractionShift + 1) << 23;
    }

    /// <summary>The code of NaN at the top of a lane.</summary>
    private static uint NaN
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.NaN << (32 - TFormat.Bits);
    }

    /// <summary>The value of the code at the top of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Widen(Vector128<uint> codes)
    {
        Vector128<int> aligned = Align(codes, TFormat.ExponentGap).AsInt32();
        if (TFormat.BiasDifference == 0)
        {
            return aligned.AsSingle();
        }

        Vector128<int> magnitude = aligned & Vector128.Create(AllButSign);
        Vector128<int> normal = magnitude + Vector128.Create(Rebias);
        Vector128<int> subnormal = ((magnitude + Vector128.Create(LeastNormal)).AsSingle() - Vector128.Create(LeastNormal).AsSingle()).AsInt32();
        Vector128<int> special = Vector128.GreaterThan(magnitude, Vector128.Create(LargestFinite)) & Vector128.Create(SingleInfinity);
        return (Vector128.Min(normal, subnormal) | special | (aligned & Vector128.Create(Sign))).AsSingle();
    }

    /// <summary>The nearest code, at the top of each lane; what lies below is not defined.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Narrow(Vector128<float> values)
    {
        Vector128<int> magnitude = values.AsInt32() & Vector128.Create(AllButSign);
        Vector128<int> rounded = RoundMagnitude(magnitude, TFormat.FractionShift);
        if (TFormat.BiasDifference != 0)
        {
            Vector128<int> clamped = Vector128.Min(magnitude, Vector128.Create(Overflow + Rebias));
            Vector128<int> normal = RoundMagnitude(clamped, TFormat.FractionShift) - Vector128.Create(Rebias);
            Vector128<int> subnormal = (clamped.AsSingle() + Vector128.Create(SubnormalUnit).AsSingle()).AsInt32() - Vector128.Create(SubnormalUnit);
            Vector128<int> shifted = ShiftLeft(subnormal, TFormat.FractionShift), leastNormal = Vector128.Create(LeastNormal);
            rounded = Vector128.ConditionalSelect(Vector128.LessThan(clamped, leastNormal), shifted, normal);
            if (TFormat.Overflow != TFormat.Infinity)
            {
                Vector128<int> infinity = Vector128.Create(Infinity);
                rounded = Vector128.ConditionalSelect(Vector128.Equals(magnitude, Vector128.Create(SingleInfinity)), infinity, rounded);
            }
        }

        Vector128<uint> result = PutSign(ShiftLeft(rounded, TFormat.ExponentGap), values), nan = Vector128.Create(NaN);
        return Vector128.ConditionalSelect(Vector128.Equals(values, values).AsUInt32(), result, nan);
    }

    /// <summary>The code at the top of each lane as a float of the same bits: its value times 2^-<see cref="INarrowFormat.BiasDifference"/>, if it is finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Align(Vector128<uint> codes) => Align(codes, TFormat.ExponentGap);

    /// <summary>The inverse of <see cref="Align(Vector128{uint})"/>, for finite values: rounds to nearest even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> RoundAligned(Vector128<float> values)
    {
        if (TFormat.ExponentGap == 0)
        {
            return RoundMagnitude(values.AsInt32(), TFormat.FractionShift).AsUInt32();
        }

        Vector128<int> magnitude = Vector128.Min(values.AsInt32() & Vector128.Create(AllButSign), Vector128.Create(Overflow));
        return PutSign(ShiftLeft(RoundMagnitude(magnitude, TFormat.FractionShift), TFormat.ExponentGap), values);
    }

    /// <summary>The codes at the top of the lanes of two vectors, in the order of memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Join(Vector128<uint> upper, Vector128<uint> lower) => Vector128.ConditionalSelect(Vector128.Create(0xFFFF0000u), upper, lower >>> 16);

    /// <summary>The codes at the top of the lanes of four vectors, in the order of memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Join(Vector128<uint> first, Vector128<uint> second, Vector128<uint> third, Vector128<uint> fourth)
        => Join(Vector128.ConditionalSelect(Vector128.Create(0xFF000000u), first, second >>> 8), Vector128.ConditionalSelect(Vector128.Create(0xFF000000u), third, fourth >>> 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Align(Vector128<uint> codes, int gap) => ((gap == 0 ? codes.AsInt32() : codes.AsInt32() >> gap) & Vector128.Create(AlignedBits)).AsSingle();

    /// <summary>Adds just under half of the last place that remains, one more if that is odd, and lets the carry run into the exponent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> RoundMagnitude(Vector128<int> magnitude, int shift) => magnitude + Vector128.Create(JustUnderHalf) + ((magnitude >> shift) & Vector128<int>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> ShiftLeft(Vector128<int> value, int count) => count == 0 ? value : value << count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> PutSign(Vector128<int> magnitude, Vector128<float> signs) => Vector128.ConditionalSelect(Vector128.Create(Sign), signs.AsInt32(), magnitude).AsUInt32();

    /// <summary>The value of the code at the top of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Widen(Vector256<uint> codes)
    {
        Vector256<int> aligned = Align(codes, TFormat.ExponentGap).AsInt32();
        if (TFormat.BiasDifference == 0)
        {
            return aligned.AsSingle();
        }

        Vector256<int> magnitude = aligned & Vector256.Create(AllButSign);
        Vector256<int> normal = magnitude + Vector256.Create(Rebias);
        Vector256<int> subnormal = ((magnitude + Vector256.Create(LeastNormal)).AsSingle() - Vector256.Create(LeastNormal).AsSingle()).AsInt32();
        Vector256<int> special = Vector256.GreaterThan(magnitude, Vector256.Create(LargestFinite)) & Vector256.Create(SingleInfinity);
        return (Vector256.Min(normal, subnormal) | special | (aligned & Vector256.Create(Sign))).AsSingle();
    }

    /// <summary>The nearest code, at the top of each lane; what lies below is not defined.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Narrow(Vector256<float> values)
    {
        Vector256<int> magnitude = values.AsInt32() & Vector256.Create(AllButSign);
        Vector256<int> rounded = RoundMagnitude(magnitude, TFormat.FractionShift);
        if (TFormat.BiasDifference != 0)
        {
            Vector256<int> clamped = Vector256.Min(magnitude, Vector256.Create(Overflow + Rebias));
            Vector256<int> normal = RoundMagnitude(clamped, TFormat.FractionShift) - Vector256.Create(Rebias);
            Vector256<int> subnormal = (clamped.AsSingle() + Vector256.Create(SubnormalUnit).AsSingle()).AsInt32() - Vector256.Create(SubnormalUnit);
            Vector256<int> shifted = ShiftLeft(subnormal, TFormat.FractionShift), leastNormal = Vector256.Create(LeastNormal);
            rounded = Vector256.ConditionalSelect(Vector256.LessThan(clamped, leastNormal), shifted, normal);
            if (TFormat.Overflow != TFormat.Infinity)
            {
                Vector256<int> infinity = Vector256.Create(Infinity);
                rounded = Vector256.ConditionalSelect(Vector256.Equals(magnitude, Vector256.Create(SingleInfinity)), infinity, rounded);
            }
        }

        Vector256<uint> result = PutSign(ShiftLeft(rounded, TFormat.ExponentGap), values), nan = Vector256.Create(NaN);
        return Vector256.ConditionalSelect(Vector256.Equals(values, values).AsUInt32(), result, nan);
    }

    /// <summary>The code at the top of each lane as a float of the same bits: its value times 2^-<see cref="INarrowFormat.BiasDifference"/>, if it is finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Align(Vector256<uint> codes) => Align(codes, TFormat.ExponentGap);

    /// <summary>The inverse of <see cref="Align(Vector256{uint})"/>, for finite values: rounds to nearest even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> RoundAligned(Vector256<float> values)
    {
        if (TFormat.ExponentGap == 0)
        {
            return RoundMagnitude(values.AsInt32(), TFormat.FractionShift).AsUInt32();
        }

        Vector256<int> magnitude = Vector256.Min(values.AsInt32() & Vector256.Create(AllButSign), Vector256.Create(Overflow));
        return PutSign(ShiftLeft(RoundMagnitude(magnitude, TFormat.FractionShift), TFormat.ExponentGap), values);
    }

    /// <summary>The codes at the top of the lanes of two vectors, in the order of memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Join(Vector256<uint> upper, Vector256<uint> lower) => Vector256.ConditionalSelect(Vector256.Create(0xFFFF0000u), upper, lower >>> 16);

    /// <summary>The codes at the top of the lanes of four vectors, in the order of memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Join(Vector256<uint> first, Vector256<uint> second, Vector256<uint> third, Vector256<uint> fourth)
        => Join(Vector256.ConditionalSelect(Vector256.Create(0xFF000000u), first, second >>> 8), Vector256.ConditionalSelect(Vector256.Create(0xFF000000u), third, fourth >>> 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Align(Vector256<uint> codes, int gap) => ((gap == 0 ? codes.AsInt32() : codes.AsInt32() >> gap) & Vector256.Create(AlignedBits)).AsSingle();

    /// <summary>Adds just under half of the last place that remains, one more if that is odd, and lets the carry run into the exponent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> RoundMagnitude(Vector256<int> magnitude, int shift) => magnitude + Vector256.Create(JustUnderHalf) + ((magnitude >> shift) & Vector256<int>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> ShiftLeft(Vector256<int> value, int count) => count == 0 ? value : value << count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> PutSign(Vector256<int> magnitude, Vector256<float> signs) => Vector256.ConditionalSelect(Vector256.Create(Sign), signs.AsInt32(), magnitude).AsUInt32();

    /// <summary>The value of the code at the top of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Widen(Vector512<uint> codes)
    {
        Vector512<int> aligned = Align(codes, TFormat.ExponentGap).AsInt32();
        if (TFormat.BiasDifference == 0)
        {
            return aligned.AsSingle();
        }

        Vector512<int> magnitude = aligned & Vector512.Create(AllButSign);
        Vector512<int> normal = magnitude + Vector512.Create(Rebias);
        Vector512<int> subnormal = ((magnitude + Vector512.Create(LeastNormal)).AsSingle() - Vector512.Create(LeastNormal).AsSingle()).AsInt32();
        Vector512<int> special = Vector512.GreaterThan(magnitude, Vector512.Create(LargestFinite)) & Vector512.Create(SingleInfinity);
        return (Vector512.Min(normal, subnormal) | special | (aligned & Vector512.Create(Sign))).AsSingle();
    }

    /// <summary>The nearest code, at the top of each lane; what lies below is not defined.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Narrow(Vector512<float> values)
    {
        Vector512<int> magnitude = values.AsInt32() & Vector512.Create(AllButSign);
        Vector512<int> rounded = RoundMagnitude(magnitude, TFormat.FractionShift);
        if (TFormat.BiasDifference != 0)
        {
            Vector512<int> clamped = Vector512.Min(magnitude, Vector512.Create(Overflow + Rebias));
            Vector512<int> normal = RoundMagnitude(clamped, TFormat.FractionShift) - Vector512.Create(Rebias);
            Vector512<int> subnormal = (clamped.AsSingle() + Vector512.Create(SubnormalUnit).AsSingle()).AsInt32() - Vector512.Create(SubnormalUnit);
            Vector512<int> shifted = ShiftLeft(subnormal, TFormat.FractionShift), leastNormal = Vector512.Create(LeastNormal);
            rounded = Vector512.ConditionalSelect(Vector512.LessThan(clamped, leastNormal), shifted, normal);
            if (TFormat.Overflow != TFormat.Infinity)
            {
                Vector512<int> infinity = Vector512.Create(Infinity);
                rounded = Vector512.ConditionalSelect(Vector512.Equals(magnitude, Vector512.Create(SingleInfinity)), infinity, rounded);
            }
        }

        Vector512<uint> result = PutSign(ShiftLeft(rounded, TFormat.ExponentGap), values), nan = Vector512.Create(NaN);
        return Vector512.ConditionalSelect(Vector512.Equals(values, values).AsUInt32(), result, nan);
    }

    /// <summary>The code at the top of each lane as a float of the same bits: its value times 2^-<see cref="INarrowFormat.BiasDifference"/>, if it is finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Align(Vector512<uint> codes) => Align(codes, TFormat.ExponentGap);

    /// <summary>The inverse of <see cref="Align(Vector512{uint})"/>, for finite values: rounds to nearest even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> RoundAligned(Vector512<float> values)
    {
        if (TFormat.ExponentGap == 0)
        {
            return RoundMagnitude(values.AsInt32(), TFormat.FractionShift).AsUInt32();
        }

        Vector512<int> magnitude = Vector512.Min(values.AsInt32() & Vector512.Create(AllButSign), Vector512.Create(Overflow));
        return PutSign(ShiftLeft(RoundMagnitude(magnitude, TFormat.FractionShift), TFormat.ExponentGap), values);
    }

    /// <summary>The codes at the top of the lanes of two vectors, in the order of memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Join(Vector512<uint> upper, Vector512<uint> lower) => Vector512.ConditionalSelect(Vector512.Create(0xFFFF0000u), upper, lower >>> 16);

    /// <summary>The codes at the top of the lanes of four vectors, in the order of memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Join(Vector512<uint> first, Vector512<uint> second, Vector512<uint> third, Vector512<uint> fourth)
        => Join(Vector512.ConditionalSelect(Vector512.Create(0xFF000000u), first, second >>> 8), Vector512.ConditionalSelect(Vector512.Create(0xFF000000u), third, fourth >>> 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Align(Vector512<uint> codes, int gap) => ((gap == 0 ? codes.AsInt32() : codes.AsInt32() >> gap) & Vector512.Create(AlignedBits)).AsSingle();

    /// <summary>Adds just under half of the last place that remains, one more if that is odd, and lets the carry run into the exponent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> RoundMagnitude(Vector512<int> magnitude, int shift) => magnitude + Vector512.Create(JustUnderHalf) + ((magnitude >> shift) & Vector512<int>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> ShiftLeft(Vector512<int> value, int count) => count == 0 ? value : value << count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> PutSign(Vector512<int> magnitude, Vector512<float> signs) => Vector512.ConditionalSelect(Vector512.Create(Sign), signs.AsInt32(), magnitude).AsUInt32();
}
