using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RdmaCollectives.Reduction;

/// <summary>
/// IEEE 754 binary16. The vector forms work on the bits because no API of .NET 10 reaches the conversion instructions of the processors. No step has a
/// subnormal float as operand or result (a subnormal half is a normal float), so none is slow on processors that handle those in microcode.
/// </summary>
internal readonly struct HalfFormat : IFloat16Format
{
    private const uint NaN = 0xFE00;
    private const uint Sign = 0x8000;
    private const uint Magnitude = 0x7FFF;

    /// <summary>The exponent field of a half, in the place where 13 more fraction bits leave it.</summary>
    private const uint Exponent = 0x7C00 << 13;

    /// <summary>The difference of the exponent biases, 127 - 15, in a float's exponent field.</summary>
    private const uint Rebias = 112u << 23;

    /// <summary>The least normal half, 2^-14.</summary>
    private const uint LeastNormal = 113u << 23;

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
        Vector128<uint> exponent = magnitude & Vector128.Create(Exponent);
        Vector128<uint> special = Vector128.Equals(exponent, Vector128.Create(Exponent)) & Vector128.Create(Rebias);
        Vector128<uint> normal = magnitude + Vector128.Create(Rebias) + special;

        // 2^-14 + fraction * 2^-24 is what the bits say with the least normal exponent; less 2^-14 it is the subnormal's value.
        Vector128<float> subnormal = (magnitude + Vector128.Create(LeastNormal)).AsSingle() - Vector128.Create(LeastNormal).AsSingle();
        Vector128<uint> result = Vector128.ConditionalSelect(Vector128.Equals(exponent, Vector128<uint>.Zero), subnormal.AsUInt32(), normal);
        return (result | ((bits & Vector128.Create(Sign)) << 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Widen(Vector256<uint> bits)
    {
        Vector256<uint> magnitude = (bits & Vector256.Create(Magnitude)) << 13;
        Vector256<uint> exponent = magnitude & Vector256.Create(Exponent);
        Vector256<uint> special = Vector256.Equals(exponent, Vector256.Create(Exponent)) & Vector256.Create(Rebias);
        Vector256<uint> normal = magnitude + Vector256.Create(Rebias) + special;

        // 2^-14 + fraction * 2^-24 is what the bits say with the least normal exponent; less 2^-14 it is the subnormal's value.
        Vector256<float> subnormal = (magnitude + Vector256.Create(LeastNormal)).AsSingle() - Vector256.Create(LeastNormal).AsSingle();
        Vector256<uint> result = Vector256.ConditionalSelect(Vector256.Equals(exponent, Vector256<uint>.Zero), subnormal.AsUInt32(), normal);
        return (result | ((bits & Vector256.Create(Sign)) << 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Widen(Vector512<uint> bits)
    {
        Vector512<uint> magnitude = (bits & Vector512.Create(Magnitude)) << 13;
        Vector512<uint> exponent = magnitude & Vector512.Create(Exponent);
        Vector512<uint> special = Vector512.Equals(exponent, Vector512.Create(Exponent)) & Vector512.Create(Rebias);
        Vector512<uint> normal = magnitude + Vector512.Create(Rebias) + special;

        // 2^-14 + fraction * 2^-24 is what the bits say with the least normal exponent; less 2^-14 it is the subnormal's value.
        Vector512<float> subnormal = (magnitude + Vector512.Create(LeastNormal)).AsSingle() - Vector512.Create(LeastNormal).AsSingle();
        Vector512<uint> result = Vector512.ConditionalSelect(Vector512.Equals(exponent, Vector512<uint>.Zero), subnormal.AsUInt32(), normal);
        return (result | ((bits & Vector512.Create(Sign)) << 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Narrow(Vector128<float> value)
    {
        // Compared as signed integers, which every instruction set can do: a magnitude has no sign bit.
        Vector128<uint> magnitude = Vector128.Min(Vector128.Abs(value).AsInt32(), Vector128.Create(Overflow).AsInt32()).AsUInt32();
        Vector128<uint> odd = (magnitude >> 13) & Vector128<uint>.One;
        Vector128<uint> normal = (magnitude - Vector128.Create(Rebias) + Vector128.Create(0x0FFFu) + odd) >> 13;
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
        Vector256<uint> normal = (magnitude - Vector256.Create(Rebias) + Vector256.Create(0x0FFFu) + odd) >> 13;
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
        Vector512<uint> normal = (magnitude - Vector512.Create(Rebias) + Vector512.Create(0x0FFFu) + odd) >> 13;
        Vector512<uint> subnormal = (magnitude.AsSingle() + Vector512.Create(SubnormalUnit).AsSingle()).AsUInt32() - Vector512.Create(SubnormalUnit);
        Vector512<uint> isSubnormal = Vector512.LessThan(magnitude.AsInt32(), Vector512.Create(LeastNormal).AsInt32()).AsUInt32();
        Vector512<uint> result = Vector512.ConditionalSelect(isSubnormal, subnormal, normal) | ((value.AsUInt32() >> 16) & Vector512.Create(Sign));
        return Vector512.ConditionalSelect(Vector512.Equals(value, value).AsUInt32(), result, Vector512.Create(NaN));
    }
}
