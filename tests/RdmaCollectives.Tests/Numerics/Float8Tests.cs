using System.Globalization;
using RdmaCollectives.Numerics;

namespace RdmaCollectives.Tests.Numerics;

public class Float8Tests(ITestOutputHelper output)
{
    private const int Seed = 20_260_111;

    [Fact]
    public void ToFloat_EveryE4M3Code_IsTheValueOfTheSpecification()
    {
        for (int code = 0; code < 256; code++)
        {
            float value = Float8E4M3.FromBits((byte)code);
            Assert.Equal(code, Float8E4M3.FromBits((byte)code).ToBits());
            Assert.Equal(code >= 0x80, float.IsNegative(value));
            Assert.Equal((code & 0x7F) == 0x7F, Float8E4M3.IsNaN(Float8E4M3.FromBits((byte)code)));
            Assert.Equal((code & 0x7F) == 0x7F ? double.NaN : Float8Spec.E4M3.Finite[code & 0x7F], Math.Abs((double)value));
        }
    }

    [Fact]
    public void ToFloat_EveryE5M2Code_IsTheValueOfTheSpecification()
    {
        for (int code = 0; code < 256; code++)
        {
            int magnitude = code & 0x7F;
            float value = Float8E5M2.FromBits((byte)code);
            Assert.Equal(code >= 0x80, float.IsNegative(value));
            Assert.Equal(magnitude > 0x7C, Float8E5M2.IsNaN(Float8E5M2.FromBits((byte)code)));
            Assert.Equal(magnitude == 0x7C, Float8E5M2.IsInfinity(Float8E5M2.FromBits((byte)code)));
            Assert.Equal(magnitude > 0x7C ? double.NaN : magnitude == 0x7C ? double.PositiveInfinity : Float8Spec.E5M2.Finite[magnitude], Math.Abs((double)value));
        }
    }

    [Fact]
    public void RoundTrip_EveryCode_KeepsTheValue()
    {
        for (int code = 0; code < 256; code++)
        {
            Float8E4M3 e4m3 = Float8E4M3.FromBits((byte)code);
            Assert.Equal(code, ((Float8E4M3)(float)e4m3).ToBits());
            Assert.Equal(code, ((Float8E4M3)(double)e4m3).ToBits());
            Assert.Equal(code, Float8E4M3.Saturate(e4m3).ToBits());

            // E5M2 has three NaNs of each sign; a NaN comes back as the one in the middle. Saturating, infinity comes back as the largest value.
            Float8E5M2 e5m2 = Float8E5M2.FromBits((byte)code);
            int expected = (code & 0x7F) > 0x7C ? 0x7E | (code & 0x80) : code;
            Assert.Equal(expected, ((Float8E5M2)(float)e5m2).ToBits());
            Assert.Equal(expected, ((Float8E5M2)(double)e5m2).ToBits());
            Assert.Equal(expected, ((Float8E5M2)BitConverter.UInt16BitsToHalf((ushort)(code << 8))).ToBits());
            Assert.Equal((code & 0x7F) == 0x7C ? code - 1 : expected, Float8E5M2.Saturate(e5m2).ToBits());
        }
    }

    [Fact]
    public void FromFloat_EveryMidpointAndItsNeighbours_RoundsToNearestEven()
    {
        CheckMidpoints(Float8Spec.E4M3, v => ((Float8E4M3)v).ToBits(), v => Float8E4M3.Saturate(v).ToBits());
        CheckMidpoints(Float8Spec.E5M2, v => ((Float8E5M2)v).ToBits(), v => Float8E5M2.Saturate(v).ToBits());
    }

    [Fact]
    public void FromFloat_RandomBits_IsTheNearestValueOfTheSpecification()
    {
        output.WriteLine($"seed {Seed}");
        var rng = new Random(Seed);
        for (int i = 0; i < 200_000; i++)
        {
            // Half of them in the range of the formats, half of any exponent.
            uint bits = (uint)rng.NextInt64(0x1_0000_0000);
            float value = BitConverter.UInt32BitsToSingle(i % 2 == 0 ? bits : (bits & 0x807FFFFF) | ((uint)rng.Next(100, 146) << 23));
            if (float.IsNaN(value))
            {
                continue;
            }

            Check(value, Float8Spec.E4M3, 0x7F, ((Float8E4M3)value).ToBits(), Float8E4M3.Saturate(value).ToBits());
            Check(value, Float8Spec.E5M2, 0x7C, ((Float8E5M2)value).ToBits(), Float8E5M2.Saturate(value).ToBits());
        }
    }

    [Fact]
    public void FromDouble_JustBesideAMidpoint_RoundsOnce()
    {
        // Through float these would land on the midpoint, and go to the even neighbour.
        double above = 1.0625 + Math.Pow(2, -40), below = 1.1875 - Math.Pow(2, -40);
        Assert.Equal(0x38, ((Float8E4M3)(float)above).ToBits());
        Assert.Equal(0x39, ((Float8E4M3)above).ToBits());
        Assert.Equal(0xB9, ((Float8E4M3)(-above)).ToBits());
        Assert.Equal(0x3A, ((Float8E4M3)(float)below).ToBits());
        Assert.Equal(0x39, ((Float8E4M3)below).ToBits());
        Assert.Equal(0x3D, ((Float8E5M2)(1.125 + Math.Pow(2, -40))).ToBits());
        Assert.Equal(0x01, ((Float8E4M3)(Math.Pow(2, -10) * (1 + Math.Pow(2, -40)))).ToBits());
        Assert.Equal(0x00, ((Float8E4M3)double.Epsilon).ToBits());
        Assert.Equal(0x7F, ((Float8E4M3)double.MaxValue).ToBits());
        Assert.Equal(0xFC, ((Float8E5M2)double.NegativeInfinity).ToBits());
        Assert.True(Float8E4M3.IsNaN((Float8E4M3)double.NaN));
    }

    [Theory]
    [InlineData(0x7FC00000, 0x7F, 0x7E)]
    [InlineData(0xFFC00000, 0xFF, 0xFE)]
    [InlineData(0x7F800001, 0x7F, 0x7E)]
    [InlineData(0xFFFFFFFF, 0xFF, 0xFE)]
    public void FromFloat_AnyNaN_IsNaNOfItsSign(uint bits, byte e4m3, byte e5m2)
    {
        float value = BitConverter.UInt32BitsToSingle(bits);
        Assert.Equal(e4m3, ((Float8E4M3)value).ToBits());
        Assert.Equal(e4m3, Float8E4M3.Saturate(value).ToBits());
        Assert.Equal(e5m2, ((Float8E5M2)value).ToBits());
        Assert.Equal(e5m2, Float8E5M2.Saturate(value).ToBits());
    }

    [Fact]
    public void FromFloat_Infinity_DependsOnTheMode()
    {
        Assert.Equal(0x7F, ((Float8E4M3)float.PositiveInfinity).ToBits());
        Assert.Equal(0xFE, Float8E4M3.Saturate(float.NegativeInfinity).ToBits());
        Assert.Equal(0xFC, ((Float8E5M2)float.NegativeInfinity).ToBits());
        Assert.Equal(0x7B, Float8E5M2.Saturate(float.PositiveInfinity).ToBits());
    }

    [Fact]
    public void Constants_AsFloat_AreWhatTheirNamesSay()
    {
        Assert.True(float.IsNaN(Float8E4M3.NaN) && float.IsNaN(Float8E5M2.NaN));
        Assert.Equal((448f, -448f, 1f / 512), ((float)Float8E4M3.MaxValue, (float)Float8E4M3.MinValue, (float)Float8E4M3.Epsilon));
        Assert.Equal((57344f, -57344f, 1f / 65536), ((float)Float8E5M2.MaxValue, (float)Float8E5M2.MinValue, (float)Float8E5M2.Epsilon));
        Assert.Equal((float.PositiveInfinity, float.NegativeInfinity), ((float)Float8E5M2.PositiveInfinity, (float)Float8E5M2.NegativeInfinity));
    }

    [Fact]
    public void Equality_NaNAndZeros_IsThatOfFloat()
    {
        Float8E4M3 zero = default, minusZero = Float8E4M3.FromBits(0x80), one = (Float8E4M3)1f, nan = Float8E4M3.FromBits(0x7F);
        Assert.True(zero == minusZero && zero.Equals(minusZero) && zero.GetHashCode() == minusZero.GetHashCode());
        Assert.True(nan != Float8E4M3.NaN && nan.Equals((object)Float8E4M3.NaN) && !(nan == Float8E4M3.NaN));
        Assert.True(zero < one && one > zero && zero <= minusZero && zero >= minusZero && !one.Equals((object)1f));
        Assert.Equal(-1, Float8E4M3.NaN.CompareTo(Float8E4M3.MinValue));

        Float8E5M2 zero2 = default, minusZero2 = Float8E5M2.FromBits(0x80), one2 = (Float8E5M2)1f, nan2 = Float8E5M2.FromBits(0x7D);
        Assert.True(zero2 == minusZero2 && zero2.Equals(minusZero2) && zero2.GetHashCode() == minusZero2.GetHashCode());
        Assert.True(nan2 != Float8E5M2.NaN && nan2.Equals((object)Float8E5M2.NaN) && !(nan2 == Float8E5M2.NaN));
        Assert.True(zero2 < one2 && one2 > zero2 && zero2 <= minusZero2 && zero2 >= minusZero2 && !one2.Equals((object)1f));
        Assert.Equal(1, Float8E5M2.PositiveInfinity.CompareTo(Float8E5M2.MaxValue));
    }

    [Fact]
    public void ToString_AnyValue_PrintsItsFloat()
    {
        Assert.Equal("1.5", ((Float8E4M3)1.5f).ToString());
        Assert.Equal("NaN", Float8E4M3.NaN.ToString());
        Assert.Equal("-2.50", ((Float8E5M2)(-2.5f)).ToString("F2", CultureInfo.InvariantCulture));
        Assert.Equal("-Infinity", Float8E5M2.NegativeInfinity.ToString());
    }

    private static void CheckMidpoints(Float8Spec spec, Func<float, byte> convert, Func<float, byte> saturate)
    {
        for (int code = 0; code + 1 < spec.Finite.Count; code++)
        {
            float midpoint = (float)((spec.Finite[code] + spec.Finite[code + 1]) / 2);
            int even = (code + 1) & ~1;
            foreach (int sign in (int[])[1, -1])
            {
                int signBit = sign < 0 ? 0x80 : 0;
                Assert.Equal(even | signBit, convert(sign * midpoint));
                Assert.Equal(even | signBit, saturate(sign * midpoint));
                Assert.Equal(code | signBit, convert(sign * MathF.BitDecrement(midpoint)));
                Assert.Equal((code + 1) | signBit, convert(sign * MathF.BitIncrement(midpoint)));
            }
        }
    }

    /// <summary>An overflow gives <paramref name="overflow"/>, and the largest finite value where it saturates. A tie goes to the even one of the two neighbours, of which the upper one does not exist.</summary>
    private static void Check(float value, Float8Spec spec, byte overflow, byte converted, byte saturated)
    {
        double magnitude = Math.Abs((double)value);
        bool overflows = magnitude > spec.OverflowTie || (magnitude == spec.OverflowTie && (spec.Finite.Count - 1) % 2 != 0);
        byte nearest = spec.Nearest(value);
        Assert.Equal(overflows ? overflow | (nearest & 0x80) : nearest, converted);
        Assert.Equal(nearest, saturated);
    }
}
