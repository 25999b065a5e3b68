using RdmaCollectives.Tool;
using RdmaCollectives.Tool.RawPerf;

namespace RdmaCollectives.Verbs.Tests.RawPerf;

/// <summary>On a real device: what goes wrong between two ends, and what they say.</summary>
public class RawFailureDeviceTests
{
    [Fact]
    public void Write_TargetWasDeregistered_NamesStatusDevicesAndAddresses()
    {
        using var pair = new RawPair(RawRunner.Options("write_bw", 4096));
        pair.Server.Region.Dispose();
        var error = Assert.IsType<VerbsException>(pair.RunClient(10));
        Assert.Equal(CompletionStatus.RemoteAccessError, error.Status);
        Assert.Contains("RDMA write on queue pair ", error.Message, StringComparison.Ordinal);
        Assert.Contains("remote access error", error.Message, StringComparison.Ordinal);
        Assert.Contains($" of {pair.Client.ToString().Split(" to ")[0]} to queue pair {pair.Server.Describe().QueuePairs[0].QueuePairNumber} at ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_PeersQueuePairIsGone_EndsWithTheRetries()
    {
        using var pair = new RawPair(RawRunner.Options("write_bw", 4096));
        pair.Server.Dispose();
        var error = Assert.IsType<VerbsException>(pair.RunClient(10));
        Assert.Equal(CompletionStatus.RetryExceeded, error.Status);
        Assert.Contains("no acknowledgement after all retries", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Send_NobodyReceives_EndsWithTheDeadline()
    {
        // No receive is posted at the other end, and the retries of a receiver that is not ready have no end.
        RawOptions options = RawRunner.Options("send_bw", 64) with { Timeout = TimeSpan.FromSeconds(1) };
        using var pair = new RawPair(options);
        var error = Assert.IsType<ToolException>(pair.RunClient(10));
        Assert.Contains("nothing has completed or arrived for 1 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loop_OtherEndGaveUp_SaysWhy()
    {
        RawOptions options = RawRunner.Options("send_bw", 64);
        using var pair = new RawPair(options);
        pair.ServerLink.TellFailure("the cable\nis red");
        var error = Assert.IsType<ToolException>(pair.RunClient(10));
        Assert.EndsWith("gave up: the cable?is red", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("write_bw", " of 2048 bytes that came from the other end")]
    [InlineData("send_lat", " of 2048 bytes that came from the other end")]
    [InlineData("read_bw", " of 2048 bytes that came from the other end")]
    [InlineData("atomic_bw", "has added 10 times and the counters say 0; this end has added 10 times and the answers say ")]
    public void Check_NothingArrived_IsNoticed(string test, string expected)
    {
        long size = RawRunner.Test(test).HasSizes ? 2048 : 8;
        using var pair = new RawPair(RawRunner.Options(test, size));
        var data = new ArrivedData(pair.Client, pair.ClientLink);
        data.Fill(size);
        var error = Assert.Throws<ToolException>(() => data.Check(size, 10, 10));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("size", "--size 4096 at this end, and --size 8192 at the other", "--size 8192 at this end, and --size 4096 at the other")]
    [InlineData("test", "perf write_bw at this end, and perf read_bw at the other", "perf read_bw at this end, and perf write_bw at the other")]
    [InlineData("duration", "--iters 200 at this end, and --duration 2 at the other", "--duration 2 at this end, and --iters 200 at the other")]
    [InlineData("qp", "--qp 1 at this end, and --qp 2 at the other", "--qp 2 at this end, and --qp 1 at the other")]
    [InlineData("mtu", "--mtu 1024 at this end, and --mtu 512 at the other", "--mtu 512 at this end, and --mtu 1024 at the other")]
    public void Options_Differ_BothEndsNameTheDifference(string what, string ofClient, string ofServer)
    {
        RawOptions client = RawRunner.Options("write_bw", 4096), server = what switch
        {
            "size" => client with { Sizes = [8192] },
            "test" => client with { Test = RawRunner.Test("read_bw") },
            "duration" => client with { Duration = TimeSpan.FromSeconds(2) },
            "qp" => client with { QueuePairs = 2 },
            _ => client with { Mtu = PathMtu.Bytes512 },
        };
        (string? clientError, string? serverError) = RawRunner.Fail(what == "mtu" ? client with { Mtu = PathMtu.Bytes1024 } : client, server);
        Assert.Contains(ofClient, clientError, StringComparison.Ordinal);
        Assert.Contains(ofServer, serverError, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_DepthAndInlineDiffer_AreEachEndsOwnAffair()
    {
        RawOptions client = RawRunner.Options("write_bw", 64);
        RawRunner.Run(client, client with { TxDepth = 8, InlineByteCount = 64, Mtu = PathMtu.Bytes512 });
    }

    [Theory]
    [InlineData("device", "--ib-dev rxe77: there is no such RDMA device; there is ")]
    [InlineData("port", "--ib-port 200: ")]
    [InlineData("gid", "--gid-index 250: ")]
    [InlineData("size", "--size 1T: a message on ")]
    [InlineData("depth", "--tx-depth 2000000: a queue pair of ")]
    [InlineData("completions", "they need a completion queue of 15360000 entries")]
    [InlineData("inline", "--inline_size 1000000: ")]
    public void Option_TheDeviceHasNoSuchThing_IsNamedWithTheLimit(string what, string expected)
    {
        using DeviceContext device = TestDevice.Open();
        RawOptions options = RawRunner.Options("write_bw", 64) with { Device = device.Name };
        options = what switch
        {
            "device" => options with { Device = "rxe77" },
            "port" => options with { Port = 200 },
            "gid" => options with { GidIndex = 250 },
            "size" => options with { Sizes = [1L << 40] },
            "depth" => options with { TxDepth = 2_000_000 },
            "completions" => options with { TxDepth = 15_000, QueuePairs = 1024 },
            _ => options with { InlineByteCount = 1_000_000 },
        };
        var error = Assert.Throws<ToolException>(() =>
        {
            using RawPort port = RawPort.Open(options);
            using var end = new RawEnd(options, port);
        });
        Assert.Equal(ExitCode.BadArguments, error.ExitCode);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
