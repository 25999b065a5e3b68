using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>The all-reduce matrix between hosts, over a real rdma_rxe device each.</summary>
public sealed class VerbsAllReduceTests(VerbsAllReduceTests.Groups groups, ITestOutputHelper output) : IClassFixture<VerbsAllReduceTests.Groups>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static TheoryData<string, int, string> Cases()
    {
        var data = new TheoryData<string, int, string>();
        foreach ((string layout, int ranks) in ((string, int)[])[("host per rank", 2), ("host per rank", 3), ("host per rank", 4), ("one device", 2), ("two ranks per host", 4)])
        {
            foreach (AllReduceCase row in MatrixCases.All)
            {
                data.Add(layout, ranks, row.ToString());
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AllReduce_BetweenHosts_IsExact(string layout, int ranks, string row)
    {
        WorkerGroup group = groups.Get(layout, ranks, output);
        Assert.All(group.Tell($"case {row}", Deadline), answer => Assert.Equal($"ok {row}", answer));
    }

    [Theory]
    [InlineData("host per rank", 2)]
    [InlineData("host per rank", 4)]
    [InlineData("one device", 2)]
    public void Transports_OfEveryRank_AreVerbsAndNothingElse(string layout, int ranks)
    {
        WorkerGroup group = groups.Get(layout, ranks, output);
        for (int rank = 0; rank < ranks; rank++)
        {
            string device = SoftRoceHosts.Device(layout == "one device" ? 1 : rank + 1);
            Assert.StartsWith("ready verbs to rank ", group.Transports[rank], StringComparison.Ordinal);
            Assert.Contains($"({device} port 1 GID index 1 10.88.0.", group.Transports[rank], StringComparison.Ordinal);
            Assert.DoesNotContain("|", group.Transports[rank], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Transports_OfTwoRanksPerHost_AreSharedMemoryInsideAndVerbsBetween()
    {
        WorkerGroup group = groups.Get("two ranks per host", 4, output);
        Assert.StartsWith("ready shm to rank 1 (", group.Transports[0], StringComparison.Ordinal);
        Assert.Contains(" | verbs to rank 2, 3 (rxe1r0", group.Transports[0], StringComparison.Ordinal);
        Assert.StartsWith("ready shm to rank 2 (", group.Transports[3], StringComparison.Ordinal);
        Assert.Contains(" | verbs to rank 0, 1 (rxe2r0", group.Transports[3], StringComparison.Ordinal);
    }

    /// <summary>The device's own counters: a ring of two sends the whole buffer once from each rank, in packets of the path MTU (4096 at most) of payload.</summary>
    [Fact]
    public void AllReduce_Of4MiB_GoesOverTheDevices()
    {
        const int Elements = 1 << 20;
        WorkerGroup group = groups.Get("host per rank", 2, output);
        long[] before = [SoftRoceHosts.SentPackets(1), SoftRoceHosts.SentPackets(2)];
        string row = new AllReduceCase(DataType.Float32, ReduceOp.Sum, Elements, InPlace: false, Allocated: false).ToString();
        Assert.All(group.Tell($"case {row}", Deadline), answer => Assert.Equal($"ok {row}", answer));
        for (int host = 1; host <= 2; host++)
        {
            long sent = SoftRoceHosts.SentPackets(host) - before[host - 1];
            output.WriteLine($"{SoftRoceHosts.Device(host)} sent {sent} packets for {Elements * 4} bytes");
            Assert.True(sent >= Elements * 4 / 4096, $"{SoftRoceHosts.Device(host)} sent {sent} packets, at least {Elements * 4 / 4096} are needed for the bytes.");
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(20_000)]
    public void AllReduce_Repeated_AllocatesNothingInTheWholeProcess(int count)
    {
        WorkerGroup group = groups.Get("host per rank", 2, output);
        Assert.All(group.Tell($"allocations {count}", TimeSpan.FromSeconds(200)), answer => Assert.Equal("ok 0", answer));
    }

    /// <summary>One group at a time is alive.</summary>
    public sealed class Groups : IDisposable
    {
        private (string Layout, int Ranks) _key;
        private WorkerGroup? _group;

        public WorkerGroup Get(string layout, int ranks, ITestOutputHelper output)
        {
            if (_group is null || _key != (layout, ranks))
            {
                _group?.Dispose();
                _group = null;
                _group = layout switch
                {
                    "host per rank" => WorkerGroup.Start("verbs", ranks, SoftRoceHosts.HostPerRank),
                    "one device" => WorkerGroup.Start("verbs", ranks, SoftRoceHosts.OneDevice),
                    _ => WorkerGroup.Start("shm,verbs", ranks, SoftRoceHosts.TwoRanksPerHost),
                };
                _key = (layout, ranks);
            }

            output.WriteLine(string.Join(Environment.NewLine, _group.Transports));
            return _group;
        }

        public void Dispose() => _group?.Dispose();
    }
}
