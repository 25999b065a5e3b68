using RdmaCollectives.Numerics;

namespace RdmaCollectives.Tests.Numerics;

public class BFloat16Tests
{
    /// <summary>(2 - 2^-7) * 2^127.</summary>
    private static readonly double MaxAsDouble = (2 - Math.Pow(2, -7)) * Math.Pow(2, 127);

    [Fact]
    public void RoundTrip_EveryPattern_KeepsTheBits()
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var value = BFloat16.FromBits((ushort)bits);
            ushort back = ((BFloat16)(float)value).ToBits();

            // A signalling NaN comes back quiet.
            int expected = BFloat16.IsNaN(value) ? bits | 0x40 : bits;
            Assert.Equal(expected, back);
        }
    }

    [Theory]
    [InlineData(0x3F800000, 0x3F80)] // 1
    [InlineData(0x3F807FFF, 0x3F80)] // just below the tie
    [InlineData(0x3F808000, 0x3F80)] // tie, even below
    [InlineData(0x3F808001, 0x3F81)] // just above the tie
    [InlineData(0x3F818000, 0x3F82)] // tie, even above
    [InlineData(0x7F7F7FFF, 0x7F7F)] // still the largest finite value
    [InlineData(0x7F7F8000, 0x7F80)] // rounds to infinity
    [InlineData(0x00008000, 0x0000)] // tie between 0 and Epsilon
    [InlineData(0x00008001, 0x0001)]
    [InlineData(0x7F800001, 0x7FC0)] // signalling NaN whose payload lies in the lost bits
    public void FromFloat_AroundTies_RoundsToNearestEven(uint single, int expected)
    {
        Assert.Equal(expected, ((BFloat16)BitConverter.UInt32BitsToSingle(single)).ToBits());
        Assert.Equal(expected | 0x8000, ((BFloat16)BitConverter.UInt32BitsToSingle(single | 0x80000000)).ToBits());
    }

    [Fact]
    public void FromFloat_MidpointOfEveryPair_TakesTheEvenOne()
    {
        for (int bits = 0; bits < 0x7F7F; bits++)
        {
            double lower = BFloat16.FromBits((ushort)bits);
            double upper = BFloat16.FromBits((ushort)(bits + 1));
            float midpoint = (float)((lower + upper) / 2);
            Assert.Equal((bits + 1) & ~1, ((BFloat16)midpoint).ToBits());
            Assert.Equal(bits, ((BFloat16)MathF.BitDecrement(midpoint)).ToBits());
            Assert.Equal(bits + 1, ((BFloat16)MathF.BitIncrement(midpoint)).ToBits());
        }
    }

    [Fact]
    public void Equality_NaNAndZeros_IsThatOfFloat()
    {
        BFloat16 zero = BFloat16.FromBits(0), minusZero = BFloat16.FromBits(0x8000), one = (BFloat16)1f;
        Assert.True(zero == minusZero);
        Assert.True(zero.Equals(minusZero));
        Assert.Equal(zero.GetHashCode(), minusZero.GetHashCode());
        Assert.False(BFloat16.NaN == BFloat16.NaN);
        Assert.True(BFloat16.NaN != BFloat16.NaN);
        Assert.True(BFloat16.NaN.Equals((object)BFloat16.NaN));
        Assert.False(one.Equals((object)1f));
        Assert.True(zero < one && one > zero && zero <= minusZero && zero >= minusZero);
        Assert.Equal(-1, BFloat16.NaN.CompareTo(BFloat16.MinValue));
    }

    [Fact]
    public void ToString_AnyValue_PrintsItsFloat()
    {
        Assert.Equal("1.5", ((BFloat16)1.5f).ToString());
        Assert.Equal("NaN", BFloat16.NaN.ToString());
        Assert.Equal("-2.50", ((BFloat16)(-2.5f)).ToString("F2", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Constants_AsFloat_AreWhatTheirNamesSay()
    {
        Assert.True(float.IsNaN(BFloat16.NaN));
        Assert.Equal(float.PositiveInfinity, BFloat16.PositiveInfinity);
        Assert.Equal(float.NegativeInfinity, BFloat16.NegativeInfinity);
        Assert.Equal(MaxAsDouble, (double)(float)BFloat16.MaxValue);
        Assert.Equal(-MaxAsDouble, (double)(float)BFloat16.MinValue);
        Assert.Equal(Math.Pow(2, -133), (double)(float)BFloat16.Epsilon);
    }
}
