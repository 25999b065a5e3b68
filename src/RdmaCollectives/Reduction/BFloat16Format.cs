using System.Runtime.CompilerServices;
using RdmaCollectives.Numerics;

namespace RdmaCollectives.Reduction;

/// <summary>bfloat16: the upper half of a float.</summary>
internal readonly struct BFloat16Format : INarrowFormat
{
    public static int Bits => 16;

    public static int FractionShift => 16;

    public static int ExponentGap => 0;

    public static int BiasDifference => 0;

    public static uint LargestFinite => 0x7F7F;

    public static uint Infinity => 0x7F80;

    public static uint Overflow => Infinity;

    public static uint NaN => 0xFFC0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(uint code) => BFloat16.FromBits((ushort)code);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Narrow(float value) => float.IsNaN(value) ? NaN : ((BFloat16)value).ToBits();
}
