using System.Globalization;
using System.Runtime.CompilerServices;

namespace RdmaCollectives.Numerics;

/// <summary>
/// The upper half of a <see cref="float"/>: 1 sign bit, 8 exponent bits, 7 fraction bits. It has the range of float and 2 to 3 decimal digits.
/// Storage with conversions: arithmetic is done in float, <c>(BFloat16)(a + b)</c>.
/// </summary>
public readonly struct BFloat16 : IEquatable<BFloat16>, IComparable<BFloat16>, IFormattable
{
    private const ushort QuietBit = 0x0040;

    private readonly ushort _bits;

    private BFloat16(ushort bits) => _bits = bits;

    /// <summary>Not a number, with the bits of <see cref="float.NaN"/>: 0xFFC0.</summary>
    public static BFloat16 NaN => new(0xFFC0);

    /// <summary>Positive infinity, 0x7F80.</summary>
    public static BFloat16 PositiveInfinity => new(0x7F80);

    /// <summary>Negative infinity, 0xFF80.</summary>
    public static BFloat16 NegativeInfinity => new(0xFF80);

    /// <summary>The largest finite value, about 3.39e38.</summary>
    public static BFloat16 MaxValue => new(0x7F7F);

    /// <summary>The least finite value, about -3.39e38.</summary>
    public static BFloat16 MinValue => new(0xFF7F);

    /// <summary>The smallest positive value, about 9.2e-41 (subnormal).</summary>
    public static BFloat16 Epsilon => new(0x0001);

    /// <summary>The value with these 16 bits.</summary>
    /// <param name="bits">Sign, exponent and fraction, from the highest bit down.</param>
    /// <returns>The value.</returns>
    public static BFloat16 FromBits(ushort bits) => new(bits);

    /// <summary>The 16 bits of this value.</summary>
    /// <returns>Sign, exponent and fraction, from the highest bit down.</returns>
    public ushort ToBits() => _bits;

    /// <summary>Whether <paramref name="value"/> is not a number.</summary>
    /// <param name="value">The value to look at.</param>
    /// <returns>True for any NaN, whatever its sign and payload.</returns>
    public static bool IsNaN(BFloat16 value) => (value._bits & 0x7FFF) > 0x7F80;

    /// <summary>Widens; every value has an exact float.</summary>
    /// <param name="value">The value to widen.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value._bits << 16);

    /// <summary>
    /// Rounds to nearest, ties to even; what is too large becomes infinity. A NaN keeps its sign and the upper bits of its payload, and is made quiet.
    /// </summary>
    /// <param name="value">The value to round.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static explicit operator BFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            ? new BFloat16((ushort)((bits >> 16) | QuietBit))
            : new BFloat16((ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
    }

    /// <summary>Equality of numbers: +0 equals -0, and NaN equals nothing.</summary>
    /// <param name="left">The left operand.</param>
    /// <param name="right">The right operand.</param>
    public static bool operator ==(BFloat16 left, BFloat16 right) => (float)left == (float)right;

    /// <summary>Inequality of numbers: +0 equals -0, and NaN differs from everything.</summary>
    /// <param name="left">The left operand.</param>
    /// <param name="right">The right operand.</param>
    public static bool operator !=(BFloat16 left, BFloat16 right) => (float)left != (float)right;

    /// <summary>Whether <paramref name="left"/> is less than <paramref name="right"/>; false if either is NaN.</summary>
    /// <param name="left">The left operand.</param>
    /// <param name="right">The right operand.</param>
    public static bool operator <(BFloat16 left, BFloat16 right) => (float)left < (float)right;

    /// <summary>Whether <paramref name="left"/> is greater than <paramref name="right"/>; false if either is NaN.</summary>
    /// <param name="left">The left operand.</param>
    /// <param name="right">The right operand.</param>
    public static bool operator >(BFloat16 left, BFloat16 right) => (float)left > (float)right;

    /// <summary>Whether <paramref name="left"/> is at most <paramref name="right"/>; false if either is NaN.</summary>
    /// <param name="left">The left operand.</param>
    /// <param name="right">The right operand.</param>
    public static bool operator <=(BFloat16 left, BFloat16 right) => (float)left <= (float)right;

    /// <summary>Whether <paramref name="left"/> is at least <paramref name="right"/>; false if either is NaN.</summary>
    /// <param name="left">The left operand.</param>
    /// <param name="right">The right operand.</param>
    public static bool operator >=(BFloat16 left, BFloat16 right) => (float)left >= (float)right;

    /// <summary>Equality as a key: as <c>==</c>, but NaN equals NaN, as with <see cref="float.Equals(float)"/>.</summary>
    /// <param name="other">The value to compare with.</param>
    /// <returns>Whether both are the same number, or both NaN.</returns>
    public bool Equals(BFloat16 other) => ((float)this).Equals((float)other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BFloat16 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ((float)this).GetHashCode();

    /// <summary>Orders as <see cref="float.CompareTo(float)"/> does: NaN comes before every number.</summary>
    /// <param name="other">The value to compare with.</param>
    /// <returns>Negative, zero or positive.</returns>
    public int CompareTo(BFloat16 other) => ((float)this).CompareTo(other);

    /// <summary>The value as its float prints, in the invariant culture.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => ToString(format: null, CultureInfo.InvariantCulture);

    /// <summary>The value as its float prints.</summary>
    /// <param name="format">A numeric format for float, or null for the general one.</param>
    /// <param name="formatProvider">The culture, or null for the current one.</param>
    /// <returns>The text.</returns>
    public string ToString(string? format, IFormatProvider? formatProvider) => ((float)this).ToString(format, formatProvider);
}
