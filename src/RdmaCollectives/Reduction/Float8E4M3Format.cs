using System.Runtime.CompilerServices;
using RdmaCollectives.Numerics;

namespace RdmaCollectives.Reduction;

/// <summary>OCP E4M3: 4 exponent bits, 3 fraction bits, no infinity; results saturate.</summary>
internal readonly struct Float8E4M3Format : INarrowFormat
{
    public static int Bits => 8;

    public static int FractionShift => 20;

    public static int ExponentGap => 4;

    public static int BiasDifference => 120;

    public static uint LargestFinite => 0x7E;

    public static uint Infinity => LargestFinite;

    public static uint Overflow => LargestFinite;

    public static uint NaN => 0xFF;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(uint code) => Float8E4M3.FromBits((byte)code);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Narrow(float value) => float.IsNaN(value) ? NaN : Float8E4M3.Saturate(value).ToBits();
}
