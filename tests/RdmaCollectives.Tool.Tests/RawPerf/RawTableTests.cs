using System.Diagnostics;
using RdmaCollectives.Tool.RawPerf;

namespace RdmaCollectives.Tool.Tests.RawPerf;

/// <summary>Figures by perftest's rules, and its columns.</summary>
public class RawTableTests
{
    [Fact]
    public void Latency_KnownTimes_HasPerftestsFigures()
    {
        // 1 to 100 us between posts, out of order, of messages that go to and fro: half of it, with the two longest left out.
        long[] posts = new long[101];
        for (int i = 0; i < 100; i++)
        {
            posts[i + 1] = posts[i] + ((((i * 37) % 100) + 1) * Stopwatch.Frequency / 1_000_000);
        }

        LatencyFigures half = LatencyFigures.Of(posts, isPingPong: true);
        Assert.Equal((0.5, 49.5, 24.75, 24.75, 49.5, 49.5), (half.Min, half.Max, half.Typical, half.Average, half.P99, half.P999));
        Assert.Equal(Math.Sqrt(((98.0 * 98) - 1) / 12) / 2, half.Stdev, 1e-9);
        LatencyFigures whole = LatencyFigures.Of(posts, isPingPong: false);
        Assert.Equal((1.0, 99.0, 49.5), (whole.Min, whole.Max, whole.Typical));
    }

    [Fact]
    public void Latency_FewestTimes_StillHasAll()
    {
        LatencyFigures figures = LatencyFigures.Of([0, 1000, 3000, 6000, 10000], isPingPong: false);
        Assert.Equal(1e6 / Stopwatch.Frequency * 1000, figures.Min, 1e-9);
        Assert.Equal(1e6 / Stopwatch.Frequency * 3000, figures.Max, 1e-9);
        Assert.Equal(1e6 / Stopwatch.Frequency * 1500, figures.Typical, 1e-9);
    }

    [Theory]
    [InlineData(false, "#bytes #iterations BW peak[MB/sec] BW average[MB/sec] MsgRate[Mpps]", "65536 5000 200.00 100.00 0.001600")]
    [InlineData(true, "#bytes #iterations BW peak[Gb/sec] BW average[Gb/sec] MsgRate[Mpps]", "65536 5000 1.68 0.84 0.001600")]
    public void Bandwidth_Row_HasPerftestsColumns(bool inGigabits, string heading, string row)
    {
        var output = new StringWriter();
        var table = new RawTable(output, RawTest.All[0], inGigabits);
        table.Heading();
        // 1600 messages of 64 KiB a second are 100 MiB.
        table.Add(65536, Result(RawTest.All[0], 65536, 5000, RawBandwidth.Of(65536, new BandwidthFigures(5000, 1600, 3200)), null));
        Assert.Equal([heading, row], Lines(output));
    }

    [Fact]
    public void Latency_Row_HasPerftestsColumns()
    {
        var output = new StringWriter();
        RawTest test = RawTest.All.Single(one => one.Name == "read_lat");
        var table = new RawTable(output, test, inGigabits: false);
        table.Heading();
        table.Add(8, Result(test, 8, 1000, null, new LatencyFigures(1, 9, 2, 2.5, 0.125, 7, 8)));
        Assert.Equal(["#bytes #iterations t_min[usec] t_max[usec] t_typical[usec] t_avg[usec] t_stdev[usec] 99% percentile[usec] 99.9% percentile[usec]", "8 1000 1.00 9.00 2.00 2.50 0.13 7.00 8.00"], Lines(output));
    }

    private static RawResult Result(RawTest test, long bytes, long iterations, RawBandwidth? bandwidth, LatencyFigures? latency) => new()
    {
        Test = test.Name,
        Bytes = bytes,
        Iterations = iterations,
        QueuePairs = 1,
        Bidirectional = false,
        TxDepth = 1,
        CqMod = 1,
        PostList = 1,
        InlineBytes = 0,
        Mtu = 4096,
        Events = false,
        Bandwidth = bandwidth,
        LatencyUs = latency,
        AllocatedBytes = 0,
    };

    private static string[] Lines(StringWriter output) =>
        [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
}
