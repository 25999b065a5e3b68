using System.Runtime.CompilerServices;

namespace RdmaCollectives.Numerics;

/// <summary>The conversions that the two 8-bit floats share, over the layout of either. A code is the 8 bits of a value, its magnitude the lower 7.</summary>
/// <remarks>Source: Open Compute Project, "OCP 8-bit Floating Point Specification (OFP8)", revision 1.0, 2023.</remarks>
internal static class Float8
{
    private const uint SingleSign = 0x80000000;
    private const uint SingleInfinity = 0x7F800000;

    /// <summary>Where the parts of an 8-bit float lie in a float.</summary>
    /// <param name="FractionShift">The float's fraction bits less this format's.</param>
    /// <param name="BiasDifference">The float's exponent bias, 127, less this format's.</param>
    /// <param name="LargestFinite">The magnitude of the largest finite value.</param>
    internal readonly record struct Layout(int FractionShift, int BiasDifference, byte LargestFinite)
    {
        public uint LeastNormal => (uint)(BiasDifference + 1) << 23;

        /// <summary>The float whose unit in the last place is this format's smallest positive value: adding it rounds to that unit.</summary>
        public float SubnormalUnit => BitConverter.UInt32BitsToSingle((uint)(BiasDifference + FractionShift + 1) << 23);
    }

    /// <summary>Exact. The caller has sorted out infinity and NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(byte code, Layout layout)
    {
        uint magnitude = (uint)(code & 0x7F) << layout.FractionShift;
        uint sign = (uint)(code & 0x80) << 24;

        // With the bias changed a subnormal number has a leading 1 that it should not have; taking that off normalizes it.
        float value = magnitude < 1u << 23
            ? BitConverter.UInt32BitsToSingle(magnitude + layout.LeastNormal) - BitConverter.UInt32BitsToSingle(layout.LeastNormal)
            : BitConverter.UInt32BitsToSingle(magnitude + ((uint)layout.BiasDifference << 23));
        return BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) | sign);
    }

    /// <summary>Rounds to nearest, ties to even. What rounds to more than the largest finite value becomes <paramref name="overflow"/>; a NaN becomes <paramref name="nan"/>. Both get the sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte Round(float value, Layout layout, byte overflow, byte nan)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        uint magnitude = bits & ~SingleSign;
        uint code;
        if (magnitude > SingleInfinity)
        {
            code = nan;
        }
        else if (magnitude < layout.LeastNormal)
        {
            // The adder rounds, to nearest even.
            code = BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(magnitude) + layout.SubnormalUnit) - BitConverter.SingleToUInt32Bits(layout.SubnormalUnit);
        }
        else
        {
            uint odd = (magnitude >> layout.FractionShift) & 1;
            uint justUnderHalf = (1u << (layout.FractionShift - 1)) - 1;
            code = (magnitude + justUnderHalf + odd - ((uint)layout.BiasDifference << 23)) >> layout.FractionShift;
            code = code > layout.LargestFinite ? overflow : code;
        }

        return (byte)(code | ((bits & SingleSign) >> 24));
    }

    /// <summary>
    /// Rounds to odd: towards zero, and the last bit is set if anything was lost. With at least two bits more than the next format it keeps what that rounding has to know,
    /// so that rounding twice is rounding once (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd", 2008).
    /// </summary>
    public static float RoundToOdd(double value)
    {
        float nearest = (float)value;
        if (nearest == value || float.IsNaN(nearest))
        {
            return nearest;
        }

        float towardsZero = Math.Abs((double)nearest) > Math.Abs(value) ? MathF.CopySign(MathF.BitDecrement(MathF.Abs(nearest)), nearest) : nearest;
        return BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(towardsZero) | 1);
    }
}
