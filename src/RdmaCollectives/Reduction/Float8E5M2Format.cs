using System.Runtime.CompilerServices;
using RdmaCollectives.Numerics;

namespace RdmaCollectives.Reduction;

/// <summary>OCP E5M2: 5 exponent bits, 2 fraction bits; finite results saturate, infinity stays what it is.</summary>
internal readonly struct Float8E5M2Format : INarrowFormat
{
    public static int Bits => 8;

    public static int FractionShift => 21;

    public static int ExponentGap => 3;

    public static int BiasDifference => 112;

    public static uint LargestFinite => 0x7B;

    public static uint Infinity => 0x7C;

    public static uint Overflow => LargestFinite;

    public static uint NaN => 0xFE;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(uint code) => Float8E5M2.FromBits((byte)code);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Narrow(float value) => float.IsNaN(value) ? NaN : (float.IsInfinity(value) ? (Float8E5M2)value : Float8E5M2.Saturate(value)).ToBits();
}
