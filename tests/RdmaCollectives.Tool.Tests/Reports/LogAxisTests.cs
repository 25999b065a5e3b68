using RdmaCollectives.Tool.Reports;

namespace RdmaCollectives.Tool.Tests.Reports;

public class LogAxisTests
{
    [Theory]
    [InlineData(8, 64L << 20, "32 B,1 KiB,32 KiB,1 MiB,32 MiB")]
    [InlineData(8, 16L << 20, "32 B,1 KiB,32 KiB,1 MiB")]
    [InlineData(4, 64L << 10, "4 B,16 B,64 B,256 B,1 KiB,4 KiB,16 KiB,64 KiB")]
    [InlineData(1024, 8192, "1 KiB,2 KiB,4 KiB,8 KiB")]
    [InlineData(12, 96, "16 B,32 B,64 B")]
    [InlineData(1, 1L << 40, "1 B,1 KiB,1 MiB,1 GiB,1 TiB")]
    [InlineData(1100, 1200, "1,100 B,1,200 B")]
    public void OfSizes_Range_TicksArePowersOfTwo(long low, long high, string expected)
    {
        var axis = LogAxis.OfSizes([high, low]);
        Assert.Equal(expected, string.Join(',', axis.Ticks.Select(Quantity.Bytes)));
        Assert.Equal((low, high), (axis.Low, axis.High));
        Assert.All(axis.MinorTicks, tick => Assert.DoesNotContain(tick, axis.Ticks));
    }

    [Theory]
    [InlineData(0.33, 9000, "0.1,1,10,100,1000,10000")]
    [InlineData(3, 4700, "3,10,30,100,300,1000,3000,10000")]
    [InlineData(7.4, 14, "6,8,10,12,15")]
    [InlineData(0.3, 0.9, "0.3,0.4,0.5,0.6,0.8,1")]
    [InlineData(10, 10, "10,12")]
    [InlineData(1, 10, "1,1.5,2,3,5,7,10")]
    [InlineData(1e-5, 1e6, "1E-06,0.0001,0.01,1,100,10000,1000000")]
    public void OfValues_Range_TicksAreRoundAndAroundIt(double low, double high, string expected)
    {
        var axis = LogAxis.OfValues([low, high, low]);
        Assert.Equal(expected, string.Join(',', axis.Ticks));
        Assert.Equal((axis.Ticks[0], axis.Ticks[^1]), (axis.Low, axis.High));
    }

    [Fact]
    public void OfValues_AnyRange_HasTwoToEightTicksAroundIt()
    {
        const int Seed = 20_261_122;
        var random = new Random(Seed);
        for (int i = 0; i < 2_000; i++)
        {
            double low = Math.Pow(10, (random.NextDouble() * 16) - 8), high = low * Math.Pow(10, random.NextDouble() * 12);
            var axis = LogAxis.OfValues([low, high]);
            Assert.True(axis.Ticks.Count is >= 2 and <= 8 && axis.Low <= low && axis.High >= high && axis.Ticks.SequenceEqual(axis.Ticks.Order()), $"{low} to {high} (seed {Seed}): {string.Join(' ', axis.Ticks)}");
        }
    }

    [Fact]
    public void Position_IsLogarithmic()
    {
        var axis = LogAxis.OfValues([1, 10_000]);
        Assert.Equal([0, 0.25, 0.5, 1], ((double[])[1, 10, 100, 10_000]).Select(axis.Position), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Theory]
    [InlineData(0.5, "500 ns")]
    [InlineData(20, "20 µs")]
    [InlineData(1500, "1.5 ms")]
    [InlineData(3e6, "3 s")]
    public void Time_Microseconds_HasAUnit(double value, string expected) => Assert.Equal(expected, Quantity.Time(value));

    [Theory]
    [InlineData(0.0005, "500 kB/s")]
    [InlineData(0.2, "200 MB/s")]
    [InlineData(5, "5 GB/s")]
    public void Bandwidth_GigabytesPerSecond_HasAUnit(double value, string expected) => Assert.Equal(expected, Quantity.Bandwidth(value));
}
