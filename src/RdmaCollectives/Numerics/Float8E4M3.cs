using System.Globalization;
using System.Runtime.CompilerServices;

namespace RdmaCollectives.Numerics;

/// <summary>
/// The 8-bit float E4M3 of the Open Compute Project: 1 sign bit, 4 exponent bits with bias 7, 3 fraction bits. The largest value is 448, the smallest 2^-9. It has no infinity and two NaNs,
/// 0x7F and 0xFF. PyTorch calls it <c>float8_e4m3fn</c>.
/// Storage with conversions: arithmetic is done in float, <c>(Float8E4M3)(a + b)</c>.
/// </summary>
/// <remarks>Source: Open Compute Project, "OCP 8-bit Floating Point Specification (OFP8)", revision 1.0, 2023.</remarks>
public readonly struct Float8E4M3 : IEquatable<Float8E4M3>, IComparable<Float8E4M3>, IFormattable
{
    private const byte LargestFinite = 0x7E;
    private const byte NaNMagnitude = 0x7F;

    private readonly byte _bits;

    private Float8E4M3(byte bits) => _bits = bits;

    /// <summary>Not a number, with the sign of <see cref="float.NaN"/>: 0xFF.</summary>
    public static Float8E4M3 NaN => new(0xFF);

    /// <summary>The largest value, 448.</summary>
    public static Float8E4M3 MaxValue => new(0x7E);

    /// <summary>The least value, -448.</summary>
    public static Float8E4M3 MinValue => new(0xFE);

    /// <summary>The smallest positive value, 2^-9 (subnormal).</summary>
    public static Float8E4M3 Epsilon => new(0x01);

    private static Float8.Layout Layout => new(FractionShift: 20, BiasDifference: 120, LargestFinite);

    /// <summary>The value with these 8 bits.</summary>
    /// <param name="bits">Sign, exponent and fraction, from the highest bit down.</param>
    /// <returns>The value.</returns>
    public static Float8E4M3 FromBits(byte bits) => new(bits);

    /// <summary>The 8 bits of this value.</summary>
    /// <returns>Sign, exponent and fraction, from the highest bit down.</returns>
    public byte ToBits() => _bits;

    /// <summary>Whether <paramref name="value"/> is not a number.</summary>
    /// <param name="value">The value to look at.</param>
    /// <returns>True for 0x7F and 0xFF.</returns>
    public static bool IsNaN(Float8E4M3 value) => (value._bits & 0x7F) == NaNMagnitude;

    /// <summary>Rounds to nearest, ties to even; what is too large, infinity included, becomes the largest value of its sign (the saturating mode of the specification). A NaN stays NaN and keeps its sign.</summary>
    /// <param name="value">The value to round.</param>
    /// <returns>The nearest value.</returns>
    public static Float8E4M3 Saturate(float value) => new(Float8.Round(value, Layout, LargestFinite, NaNMagnitude));

    /// <summary>Widens; every value has an exact float.</summary>
    /// <param name="value">The value to widen.</param>
    public static implicit operator float(Float8E4M3 value)
        => IsNaN(value) ? MathF.CopySign(float.NaN, (sbyte)value._bits) : Float8.Widen(value._bits, Layout);

    /// <summary>Rounds to nearest, ties to even; what is too large, infinity included, becomes NaN (the mode of the specification that does not saturate, and what PyTorch does). A NaN stays NaN and keeps its sign. See <see cref="Saturate"/> for the other mode of the specification.</summary>
    /// <param name="value">The value to round.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static explicit operator Float8E4M3(float value) => new(Float8.Round(value, Layout, NaNMagnitude, NaNMagnitude));

    /// <summary>As the conversion from float; rounds once.</summary>
    /// <param name="value">The value to round.</param>
    public static explicit operator Float8E4M3(double value) => (Float8E4M3)Float8.RoundToOdd(value);

    /// <summary>As the conversion from float.</summary>
    /// <param name="value">The value to round.</param>
    public static explicit operator Float8E4M3(Half value) => (Float8E4M3)(float)value;

    /// <summary>Equality of numbers: +0 equals -0, and NaN equals nothing.</summary>
    /// <param name="left">The left operand.</param>
    /// <param name="right">The right operand.</param>
    public static bool operator ==(Float8E4M3 left, Float8E4M3 right) => (float)left == (float)right;

    /// <summary>Inequality of numbers: +0 equals -0, and NaN differs from everything.</summary>
    /// <param name="left">The left operand.</param>
    /// <param name="right">The right operand.</param>
    public static bool operator !=(Float8E4M3 left, Float8E4M3 right) => (float)left != (float)right;

    /// <summary>Whether <paramref name="left"/> is less than <paramref name="right"/>; false if either is NaN.</summary>
    /// <param name="left">The left operand.</param>
    /// <param name="right">The right operand.</param>
    public static bool operator <(Float8E4M3 left, Float8E4M3 right) => (float)left < (float)right;

    /// <summary>Whether <paramref name="left"/> is greater than <paramref name="right"/>; false if either is NaN.</summary>
    /// <param name="left">The left operand.</param>
    /// <param name="right">The right operand.</param>
    public static bool operator >(Float8E4M3 left, Float8E4M3 right) => (float)left > (float)right;

    /// <summary>Whether <paramref name="left"/> is at most <paramref name="right"/>; false if either is NaN.</summary>
    /// <param name="left">The left operand.</param>
    /// <param name="right">The right operand.</param>
    public static bool operator <=(Float8E4M3 left, Float8E4M3 right) => (float)left <= (float)right;

    /// <summary>Whether <paramref name="left"/> is at least <paramref name="right"/>; false if either is NaN.</summary>
    /// <param name="left">The left operand.</param>
    /// <param name="right">The right operand.</param>
    public static bool operator >=(Float8E4M3 left, Float8E4M3 right) => (float)left >= (float)right;

    /// <summary>Equality as a key: as <c>==</c>, but NaN equals NaN, as with <see cref="float.Equals(float)"/>.</summary>
    /// <param name="other">The value to compare with.</param>
    /// <returns>Whether both are the same number, or both NaN.</returns>
    public bool Equals(Float8E4M3 other) => ((float)this).Equals((float)other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Float8E4M3 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ((float)this).GetHashCode();

    /// <summary>Orders as <see cref="float.CompareTo(float)"/> does: NaN comes before every number.</summary>
    /// <param name="other">The value to compare with.</param>
    /// <returns>Negative, zero or positive.</returns>
    public int CompareTo(Float8E4M3 other) => ((float)this).CompareTo(other);

    /// <summary>The value as its float prints, in the invariant culture.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => ToString(format: null, CultureInfo.InvariantCulture);

    /// <summary>The value as its float prints.</summary>
    /// <param name="format">A numeric format for float, or null for the general one.</param>
    /// <param name="formatProvider">The culture, or null for the current one.</param>
    /// <returns>The text.</returns>
    public string ToString(string? format, IFormatProvider? formatProvider) => ((float)this).ToString(format, formatProvider);
}
