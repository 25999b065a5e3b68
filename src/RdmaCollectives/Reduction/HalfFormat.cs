using System.Runtime.CompilerServices;

namespace RdmaCollectives.Reduction;

/// <summary>IEEE 754 binary16: 5 exponent bits, 10 fraction bits.</summary>
internal readonly struct HalfFormat : INarrowFormat
{
    public static int Bits => 16;

    public static int FractionShift => 13;

    public static int ExponentGap => 3;

    public static int BiasDifference => 112;

    public static uint LargestFinite => 0x7BFF;

    public static uint Infinity => 0x7C00;

    public static uint Overflow => Infinity;

    public static uint NaN => 0xFE00;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(uint code) => (float)BitConverter.UInt16BitsToHalf((ushort)code);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Narrow(float value) => float.IsNaN(value) ? NaN : BitConverter.HalfToUInt16Bits((Half)value);
}
