using System.Diagnostics;
using System.Globalization;
using RdmaCollectives.Transports;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>Options and ports that do not fit: every rank gets one typed error that says where and what to do, soon; nothing is left behind, and the process makes its next world.</summary>
public sealed class BadInputTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Of a refusal that needs no network. Most of it is code that runs for the first time, emulated.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(8);

    /// <summary>After every case.</summary>
    public void Dispose() => Footprint.AwaitNone();

    [Theory]
    [InlineData(2)] // of the table, and empty
    [InlineData(200)]
    public void Create_WithAGidIndexThatIsNotThere_NamesDevicePortIndexThoseThatAreAndRemedy(int index)
    {
        string[] both = Fails(Error.Resource, (_, options) => options.GidIndex = index);
        Assert.Equal([0, 1], both.Select((text, rank) => text == NoSuchGid(rank) ? rank : -1));

        string[] one = Fails(Error.Resource, (rank, options) => options.GidIndex = rank == 1 ? index : null);
        Assert.StartsWith($"Rank 1 could not join the communicator: {NoSuchGid(1)}", one[0], StringComparison.Ordinal);
        Assert.Equal(NoSuchGid(1), one[1]);

        string NoSuchGid(int rank) => $"RDMACC_GID_INDEX is {index}, and rxe{rank + 1}r0 port 1 has GIDs at 0, 1. Take one of these, or leave the choice to the library.";
    }

    /// <summary>It is there, and of another kind than the peer's.</summary>
    [Fact]
    public void Create_WithGidsOfTwoFamilies_NamesBothDevicesAndRemedy()
    {
        string[] texts = Fails(Error.Rendezvous, (rank, options) => options.GidIndex = rank);
        Assert.Contains("verbs: rxe1r0 has an IPv6 GID and rxe2r0 of the peer an IPv4 one: give both one family (RDMACC_GID_INDEX).", texts[0], StringComparison.Ordinal);
        Assert.Contains("verbs: rxe2r0 has an IPv4 GID and rxe1r0 of the peer an IPv6 one: give both one family (RDMACC_GID_INDEX).", texts[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Create_WithAPartitionKeyThatIsNotThere_NamesDevicePortThoseThatAreAndRemedy()
    {
        string[] texts = Fails(Error.Resource, (rank, options) => options.PartitionKey = rank == 1 ? 0x8001 : null);
        const string reason = "RDMACC_PKEY is 0x8001, and rxe2r0 port 1 has the partition keys 0xffff. Take one of these";
        Assert.StartsWith($"Rank 1 could not join the communicator: {reason}", texts[0], StringComparison.Ordinal);
        Assert.StartsWith(reason, texts[1], StringComparison.Ordinal);
    }

    /// <summary>A packet of the larger would be dropped by the other port, and nothing would ever arrive.</summary>
    [Fact]
    public void Call_BetweenPortsOfDifferentMtu_GoesInPacketsOfTheSmaller()
    {
        using SmallMtu small = new(host: 2);
        using VerbsWorld world = new();
        Assert.Contains("MTU 4096", $"{world.Ranks[0].Transports[0]}", StringComparison.Ordinal);
        Assert.Contains("MTU 1024", $"{world.Ranks[1].Transports[0]}", StringComparison.Ordinal);
        for (int host = 1; host <= 2; host++)
        {
            long sent = -SoftRoceHosts.SentPackets(host);
            world.Check();
            sent += SoftRoceHosts.SentPackets(host);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"host {host} sent {sent} packets"));
            Assert.True(sent >= VerbsWorld.CheckBytes / 1024, $"Host {host} sent {sent} packets.");
        }
    }

    [Fact]
    public void Create_WithTheNamedPortDown_NamesItAndRemedyAndTheNextWorldIsMadeWhenItIsUp()
    {
        using (new PulledCable(host: 2, rail: 0))
        {
            foreach (string transports in (string[])["verbs", "auto"])
            {
                string[] texts = Fails(Error.Resource, (_, options) => options.Transports = transports);
                const string reason = "rxe2r0 port 1 is Down, not active: bring its link up, or name another device (RDMACC_DEVICE).";
                Assert.StartsWith($"Rank 1 could not join the communicator: {reason}", texts[0], StringComparison.Ordinal);
                Assert.Equal(reason, texts[1]);
            }
        }

        using VerbsWorld world = new();
        world.Check();
    }

    /// <summary>A device that nobody named may be done without.</summary>
    [Fact]
    public void Create_WithEveryPortDown_TakesTcpWhereThatIsAllowed()
    {
        SetAllPorts("down");
        try
        {
            using VerbsWorld world = new((_, options) => (options.Transports, options.Device, options.HostId) = ("verbs,tcp", null, "one host, whose TCP is its loopback"));
            Assert.All(world.Ranks, rank => Assert.Equal("tcp", Assert.Single(rank.Transports).Name));
            world.Check();

            string[] texts = Fails(Error.Rendezvous, (_, options) => options.Device = null);
            Assert.All(texts, text => Assert.Contains("verbs: No RDMA device has an active port: rxe", text, StringComparison.Ordinal));
            Assert.All(texts, text => Assert.Contains("rxe1r0 port 1 is Down", text, StringComparison.Ordinal)); // Devices come in the order of their making, which other tests change.
            Assert.All(texts, text => Assert.Contains("Bring the link up (ip link set ... up), or name a device (RDMACC_DEVICE).", text, StringComparison.Ordinal));
        }
        finally
        {
            SetAllPorts("up");
        }

        static void SetAllPorts(string state)
        {
            string ports = string.Join(' ', Enumerable.Range(0, SoftRoceHosts.Count * SoftRoceHosts.Rails).Select(i => $"p{1 + (i / SoftRoceHosts.Rails)}r{i % SoftRoceHosts.Rails}"));
            using Process process = Process.Start("/bin/bash", ["-ec", $"for port in {ports}; do ip link set $port {state}; done"]);
            Assert.True(process.WaitForExit(TimeSpan.FromSeconds(30)));
            Assert.Equal(0, process.ExitCode);
        }
    }

    /// <summary>The ports were up when both ranks looked, and are down when they connect.</summary>
    [Fact]
    public void Connect_WithPortsThatHaveGoneDown_NamesDeviceWayAndWhatThePortSaid()
    {
        using TransportPair pair = new(rails: 1);
        using PendingConnection to = pair.First.BeginConnect(1, 1);
        using PendingConnection from = pair.Second.BeginConnect(0, 1);
        using PulledCable first = new(host: 1, rail: 0);
        using PulledCable second = new(host: 2, rail: 0);
        Check(to, from, host: 1);
        Check(from, to, host: 2);

        void Check(PendingConnection end, PendingConnection other, int host)
        {
            long start = Stopwatch.GetTimestamp();
            CollectiveException error = Assert.Throws<CollectiveException>(() => end.Complete(other.LocalInfo));
            output.WriteLine($"{error.NativeError}: {error.Message}");
            Assert.True(Stopwatch.GetElapsedTime(start) < Soon);
            Assert.Equal((Error.Transport, host - 1, 2 - host), (error.Error, error.Rank, error.Peer));
            Assert.Contains($" of rxe{host}r0 failed: ", error.Message, StringComparison.Ordinal);
            Assert.Contains($"GID index 1 -> 10.88.0.{3 - host}", error.Message, StringComparison.Ordinal);
            Assert.Contains("that the port is active", error.Message, StringComparison.Ordinal);
            Assert.Contains($"Before that rxe{host}r0 port 1 GID index 1 10.88.0.{host} said: the port went down (IBV_EVENT_PORT_ERR).", error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>What each rank is told.</summary>
    private string[] Fails(Error error, Action<int, CommunicatorOptions> change)
    {
        VerbsWorld.Attempt[] attempts = VerbsWorld.Join(change);
        foreach (VerbsWorld.Attempt attempt in attempts)
        {
            output.WriteLine($"{attempt.After.TotalSeconds:0.0} s: {attempt.Error?.Message}");
            attempt.Communicator?.Dispose();
        }

        Assert.All(attempts, attempt => Assert.Equal(error, attempt.Error?.Error));
        Assert.All(attempts, attempt => Assert.InRange(attempt.After, TimeSpan.Zero, Soon));
        return [.. attempts.Select(attempt => attempt.Error!.Message)];
    }
}
