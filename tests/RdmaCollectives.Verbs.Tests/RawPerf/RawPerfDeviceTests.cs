using RdmaCollectives.Tool;
using RdmaCollectives.Tool.RawPerf;

namespace RdmaCollectives.Verbs.Tests.RawPerf;

/// <summary>On a real device: every raw test between two ends in this process. That the data arrived, and atomics were counted, is checked by the measurement itself; <see cref="RawFailureDeviceTests"/> shows that it notices.</summary>
public class RawPerfDeviceTests
{
    [Theory]
    [InlineData("write_bw", 1L, 4096L, 65536L)]
    [InlineData("send_bw", 1L, 4096L, 65536L)]
    [InlineData("read_bw", 1L, 4096L, 65536L)]
    [InlineData("atomic_bw", 8L)]
    public void Bandwidth_SmallAndLarge_IsConsistentAndAllocatesNothing(string test, params long[] sizes)
    {
        (List<RawResult?> client, List<RawResult?> server) = RawRunner.Run(RawRunner.Options(test, sizes));
        Assert.Equal(sizes, client.Select(result => result!.Bytes));
        Assert.All(client, result => AssertBandwidth(result, 200));
        // The server was told the client's figures.
        Assert.Equal(client.Select(result => result!.Bandwidth), server.Select(result => result!.Bandwidth));
        Assert.All([.. client, .. server], result => Assert.Equal(0, result!.AllocatedBytes));
    }

    [Theory]
    [InlineData("write_bw", 1, 1, 7, 0)]
    [InlineData("write_bw", 3, 1, 16, 64)]
    [InlineData("write_bw", 1, 8, 8, 0)]
    [InlineData("send_bw", 2, 4, 2, 0)]
    [InlineData("send_bw", 1, 1, 32, 128)]
    [InlineData("read_bw", 2, 1, 5, 0)]
    [InlineData("atomic_bw", 3, 8, 4, 0)]
    public void Bandwidth_QueuePairsListsAndModeration_EveryMessageIsCounted(string test, int queuePairs, int list, int moderation, int inline)
    {
        RawOptions options = RawRunner.Options(test, RawRunner.Test(test).HasSizes ? 64 : 8) with { QueuePairs = queuePairs, PostList = list, CqModeration = moderation, InlineByteCount = inline };
        RawResult client = Assert.Single(RawRunner.Run(options).Client)!;
        AssertBandwidth(client, 200 * queuePairs);
        Assert.Equal((queuePairs, list, moderation, 0L), (client.QueuePairs, client.PostList, client.CqMod, client.AllocatedBytes));
        Assert.InRange(client.InlineBytes, inline, int.MaxValue);
    }

    [Theory]
    [InlineData("write_bw")]
    [InlineData("send_bw")]
    [InlineData("read_bw")]
    [InlineData("atomic_bw")]
    public void Bandwidth_Bidirectional_BothEndsHaveTheSum(string test)
    {
        RawOptions options = RawRunner.Options(test, RawRunner.Test(test).HasSizes ? 4096 : 8) with { IsBidirectional = true };
        (List<RawResult?> clients, List<RawResult?> servers) = RawRunner.Run(options);
        (RawResult client, RawResult server) = (Assert.Single(clients)!, Assert.Single(servers)!);
        AssertBandwidth(client, 200);
        Assert.Equal(client.Bandwidth!.Value.AverageMiBps, server.Bandwidth!.Value.AverageMiBps, 1e-6 * client.Bandwidth.Value.AverageMiBps);
        Assert.Equal((0L, 0L), (client.AllocatedBytes, server.AllocatedBytes));
    }

    [Theory]
    [InlineData("write_lat", 1L, 64L, 5000L)]
    [InlineData("send_lat", 1L, 64L, 5000L)]
    [InlineData("read_lat", 1L, 64L, 5000L)]
    [InlineData("atomic_lat", 8L)]
    public void Latency_SmallAndLarge_IsConsistentAndAllocatesNothing(string test, params long[] sizes)
    {
        (List<RawResult?> client, List<RawResult?> server) = RawRunner.Run(RawRunner.Options(test, sizes));
        Assert.Equal(sizes, client.Select(result => result!.Bytes));
        Assert.All(client, AssertLatency);
        if (RawRunner.Test(test).IsPingPong)
        {
            Assert.All(server, AssertLatency);
        }
        else
        {
            Assert.All(server, Assert.Null); // only the client has posted anything
        }
    }

    [Theory]
    [InlineData("write_bw")]
    [InlineData("send_bw")]
    [InlineData("send_lat")]
    [InlineData("read_lat")]
    [InlineData("atomic_lat")]
    public void Events_InPlaceOfPolling_MeasureTheSame(string test)
    {
        RawOptions options = RawRunner.Options(test) with { UsesEvents = true };
        RawResult client = Assert.Single(RawRunner.Run(options).Client)!;
        Assert.Equal((true, 200L, 0L), (client.Events, client.Iterations, client.AllocatedBytes));
    }

    [Theory]
    [InlineData("write_bw", false)]
    [InlineData("send_bw", false)]
    [InlineData("send_bw", true)]
    public void Duration_TwoSeconds_CountsTheMiddleHalf(string test, bool isBidirectional)
    {
        RawOptions options = RawRunner.Options(test, 1024) with { Duration = TimeSpan.FromSeconds(2), CqModeration = 10, QueuePairs = 2, IsBidirectional = isBidirectional };
        long start = Environment.TickCount64;
        RawResult client = Assert.Single(RawRunner.Run(options).Client)!;
        Assert.InRange(Environment.TickCount64 - start, 2000, 40_000);
        Assert.True(client.Iterations > 0);
        // The middle second, and nothing of the rest; a busy machine may look at the clock late.
        RawBandwidth bandwidth = client.Bandwidth!.Value;
        Assert.Null(bandwidth.PeakMiBps);
        double seconds = client.Iterations / (bandwidth.MsgRateMpps * 1e6);
        Assert.InRange(seconds, 0.3, isBidirectional ? 20 : 10);
    }

    [Theory]
    [InlineData("write_bw", 5)]
    [InlineData("send_lat", 9)]
    public void Loopback_BothEndsHere_TheTableHasOneRowThatParses(string test, int columns)
    {
        TestDevice.Open().Dispose();
        var output = new StringWriter();
        var table = new RawTable(output, RawRunner.Test(test), inGigabits: false);
        RawRun.Both(RawRunner.Options(test, 512), table.Begin, table.Add);
        string[] rows = [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#')];
        Assert.StartsWith(" #bytes", rows[0], StringComparison.Ordinal);
        string[] fields = Assert.Single(rows[1..]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["512", "200"], fields[..2]);
        Assert.Equal(columns, fields.Length);
        Assert.All(fields[2..], field => Assert.True(double.Parse(field, System.Globalization.CultureInfo.InvariantCulture) >= 0, field));
    }

    [Fact]
    public void Loopback_TheEndsCannotBeMade_SaysWhy()
    {
        TestDevice.Open().Dispose();
        var error = Assert.Throws<ToolException>(() => RawRun.Both(RawRunner.Options("write_bw") with { GidIndex = 250 }, (_, _) => { }, (_, _) => { }));
        Assert.Contains("--gid-index 250: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_BetweenTwoDevices_GoesOverBoth()
    {
        string[] devices = [.. RdmaDevice.GetDevices().Select(device => device.Name).Where(name => name.EndsWith("r0", StringComparison.Ordinal)).Take(2)];
        Assert.SkipWhen(devices.Length < 2, "There are no two devices of two Soft-RoCE hosts.");
        long before = SentPackets(devices[0]);
        RawOptions options = RawRunner.Options("write_bw", 65536);
        (List<RawResult?> client, _) = RawRunner.Run(options with { Device = devices[0] }, options with { Device = devices[1] });
        AssertBandwidth(Assert.Single(client), 200);
        // 200 messages of 16 packets each, at the MTU of these devices or less.
        Assert.InRange(SentPackets(devices[0]) - before, 200 * 16, long.MaxValue);
    }

    private static long SentPackets(string device) => long.Parse(File.ReadAllText($"/sys/class/infiniband/{device}/ports/1/hw_counters/sent_pkts"), System.Globalization.CultureInfo.InvariantCulture);

    private static void AssertBandwidth(RawResult? result, long iterations)
    {
        RawBandwidth figures = result!.Bandwidth!.Value;
        TestContext.Current.TestOutputHelper!.WriteLine($"{result.Test} {result.Bytes} bytes: {figures}");
        Assert.Null(result.LatencyUs);
        Assert.Equal(iterations, result.Iterations);
        Assert.InRange(figures.AverageMiBps, double.Epsilon, figures.PeakMiBps!.Value * (1 + 1e-9));
        Assert.Equal(figures.AverageMiBps, figures.MsgRateMpps * 1e6 * result.Bytes / (1 << 20), 1e-9 * figures.AverageMiBps);
    }

    private static void AssertLatency(RawResult? result)
    {
        LatencyFigures us = result!.LatencyUs!.Value;
        TestContext.Current.TestOutputHelper!.WriteLine($"{result.Test} {result.Bytes} bytes: {us}");
        Assert.Null(result.Bandwidth);
        double[] ascending = [0, us.Min, us.Typical, us.P99, us.P999, us.Max];
        Assert.Equal(ascending.Order(), ascending);
        Assert.InRange(us.Average, us.Min, us.Max);
        Assert.Equal(0, result.AllocatedBytes);
    }
}
