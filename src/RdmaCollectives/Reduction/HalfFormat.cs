using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RdmaCollectives.Reduction;

/// <summary>
/// IEEE 754 binary16. The vector forms work on the bits because no API of .NET 10 reaches the conversion instructions of the processors. No step has a
/// subnormal float as operand or result (a subnormal half is a normal float), so none is slow on processors that handle those in microcode.
/// <para>
/// Widening computes two candidates for the magnitude: <c>v</c>, the bits with the exponent's bias changed, right for normal numbers, and
/// <c>w = 2v - 2^-14</c>, right for subnormal ones. <c>v</c> is at least 2^-14 exactly for normal numbers, so the right one is the lesser.
/// </para>
/// <para>
/// Narrowing to a subnormal lets the adder round: 0.5 is the float whose last place is worth as much as a subnormal half's. Otherwise it adds just less than half of the
/// last place that remains, one more if that place is odd, and lets the carry run into the exponent.
/// </para>
/// </summary>
internal readonly struct HalfFormat : IFloat16Format
{
    private const uint NaN = 0xFE00;
    private const uint Sign = 0x8000;
    private const uint Magnitude = 0x7FFF;

    /// <summary>The largest finite half, with 13 more fraction bits. What is larger is infinity or NaN.</summary>
    private const int LargestFinite = 0x7BFF << 13;

    /// <summary>The exponent of infinity and NaN as floats.</summary>
    private const int SpecialExponent = 0xFF << 23;

    /// <summary>The difference of the exponent biases, 127 - 15, in a float's exponent field.</summary>
    private const uint Rebias = 112u << 23;

    /// <summary>The least normal half, 2^-14.</summary>
    private const uint LeastNormal = 113u << 23;

    /// <summary>Takes the bias off and adds just less than half a unit of a half's last place.</summary>
    private const uint RoundAndRebias = unchecked(0x0FFFu - Rebias);

    /// <summary>2^16, the first power of two that is infinity as a half.</summary>
    private const uint Overflow = 143u << 23;

    /// <summary>0.5: the float whose unit in the last place is the unit of a subnormal half, 2^-24. Adding it makes the adder round to that unit.</summary>
    private const uint SubnormalUnit = 126u << 23;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(ushort bits) => (float)BitConverter.UInt16BitsToHalf(bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Narrow(float value) => float.IsNaN(value) ? (ushort)NaN : BitConverter.HalfToUInt16Bits((Half)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Widen(Vector128<uint> bits)
    {
        Vector128<uint> magnitude = (bits & Vector128.Create(Magnitude)) << 13;
        Vector128<int> normal = (magnitude + Vector128.Create(Rebias)).AsInt32();
        Vector128<int> subnormal = ((magnitude + Vector128.Create(LeastNormal)).AsSingle() - Vector128.Create(LeastNormal).AsSingle()).AsInt32();
        Vector128<int> special = Vector128.GreaterThan(magnitude.AsInt32(), Vector128.Create(LargestFinite)) & Vector128.Create(SpecialExponent);
        Vector128<uint> sign = (bits & Vector128.Create(Sign)) << 16;
        return (Vector128.Min(normal, subnormal) | special | sign.AsInt32()).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Widen(Vector256<uint> bits)
    {
        Vector256<uint> magnitude = (bits & Vector256.Create(Magnitude)) << 13;
        Vector256<int> normal = (magnitude + Vector256.Create(Rebias)).AsInt32();
        Vector256<int> subnormal = ((magnitude + Vector256.Create(LeastNormal)).AsSingle() - Vector256.Create(LeastNormal).AsSingle()).AsInt32();
        Vector256<int> special = Vector256.GreaterThan(magnitude.AsInt32(), Vector256.Create(LargestFinite)) & Vector256.Create(SpecialExponent);
        Vector256<uint> sign = (bits & Vector256.Create(Sign)) << 16;
        return (Vector256.Min(normal, subnormal) | special | sign.AsInt32()).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Widen(Vector512<uint> bits)
    {
        Vector512<uint> magnitude = (bits & Vector512.Create(Magnitude)) << 13;
        Vector512<int> normal = (magnitude + Vector512.Create(Rebias)).AsInt32();
        Vector512<int> subnormal = ((magnitude + Vector512.Create(LeastNormal)).AsSingle() - Vector512.Create(LeastNormal).AsSingle()).AsInt32();
        Vector512<int> special = Vector512.GreaterThan(magnitude.AsInt32(), Vector512.Create(LargestFinite)) & Vector512.Create(SpecialExponent);
        Vector512<uint> sign = (bits & Vector512.Create(Sign)) << 16;
        return (Vector512.Min(normal, subnormal) | special | sign.AsInt32()).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Narrow(Vector128<float> value)
    {
        // Compared as signed integers, which every instruction set can do: a magnitude has no sign bit.
        Vector128<uint> magnitude = Vector128.Min(Vector128.Abs(value).AsInt32(), Vector128.Create(Overflow).AsInt32()).AsUInt32();
        Vector128<uint> odd = (magnitude >> 13) & Vector128<uint>.One;
        Vector128<uint> normal = (magnitude + Vector128.Create(RoundAndRebias) + odd) >> 13;
        Vector128<uint> subnormal = (magnitude.AsSingle() + Vector128.Create(SubnormalUnit).AsSingle()).AsUInt32() - Vector128.Create(SubnormalUnit);
        Vector128<uint> isSubnormal = Vector128.LessThan(magnitude.AsInt32(), Vector128.Create(LeastNormal).AsInt32()).AsUInt32();
        Vector128<uint> result = Vector128.ConditionalSelect(isSubnormal, subnormal, normal) | ((value.AsUInt32() >> 16) & Vector128.Create(Sign));
        return Vector128.ConditionalSelect(Vector128.Equals(value, value).AsUInt32(), result, Vector128.Create(NaN));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Narrow(Vector256<float> value)
    {
        // Compared as signed integers, which every instruction set can do: a magnitude has no sign bit.
        Vector256<uint> magnitude = Vector256.Min(Vector256.Abs(value).AsInt32(), Vector256.Create(Overflow).AsInt32()).AsUInt32();
        Vector256<uint> odd = (magnitude >> 13) & Vector256<uint>.One;
        Vector256<uint> normal = (magnitude + Vector256.Create(RoundAndRebias) + odd) >> 13;
        Vector256<uint> subnormal = (magnitude.AsSingle() + Vector256.Create(SubnormalUnit).AsSingle()).AsUInt32() - Vector256.Create(SubnormalUnit);
        Vector256<uint> isSubnormal = Vector256.LessThan(magnitude.AsInt32(), Vector256.Create(LeastNormal).AsInt32()).AsUInt32();
        Vector256<uint> result = Vector256.ConditionalSelect(isSubnormal, subnormal, normal) | ((value.AsUInt32() >> 16) & Vector256.Create(Sign));
        return Vector256.ConditionalSelect(Vector256.Equals(value, value).AsUInt32(), result, Vector256.Create(NaN));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Narrow(Vector512<float> value)
    {
        // Compared as signed integers, which every instruction set can do: a magnitude has no sign bit.
        Vector512<uint> magnitude = Vector512.Min(Vector512.Abs(value).AsInt32(), Vector512.Create(Overflow).AsInt32()).AsUInt32();
        Vector512<uint> odd = (magnitude >> 13) & Vector512<uint>.One;
        Vector512<uint> normal = (magnitude + Vector512.Create(RoundAndRebias) + odd) >> 13;
        Vector512<uint> subnormal = (magnitude.AsSingle() + Vector512.Create(SubnormalUnit).AsSingle()).AsUInt32() - Vector512.Create(SubnormalUnit);
        Vector512<uint> isSubnormal = Vector512.LessThan(magnitude.AsInt32(), Vector512.Create(LeastNormal).AsInt32()).AsUInt32();
        Vector512<uint> result = Vector512.ConditionalSelect(isSubnormal, subnormal, normal) | ((value.AsUInt32() >> 16) & Vector512.Create(Sign));
        return Vector512.ConditionalSelect(Vector512.Equals(value, value).AsUInt32(), result, Vector512.Create(NaN));
    }
}
