using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>What a fence over verbs promises, and what somebody on the fabric sees of encrypted payload.</summary>
[Collection(nameof(ThreeHosts))]
public sealed class VerbsSecurityTests(ThreeHosts hosts, VerbsSecurityTests.EncryptedHosts encrypted, ITestOutputHelper output) : IClassFixture<VerbsSecurityTests.EncryptedHosts>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData("array", "all-reduce", "off")]
    [InlineData("allocated", "all-reduce", "off")]
    [InlineData("allocated", "broadcast", "all")]
    public void Abort_WhileARankIsStoppedInACall_NoByteChangesAfterwardsAndNoSumIsWrong(string memory, string call, string encryption)
    {
        RankGroup group = encryption == "all" ? encrypted : hosts;
        Assert.All(FenceCase.Run(group.Ranks, stopped: 1, memory, call, Deadline, group.Split()), answer => Assert.Equal("ok intact", answer));
    }

    /// <summary>Sees every frame of this machine, as root: the ranks' 1.0 and 2.0, over and over, or nothing like it.</summary>
    [Theory]
    [InlineData("off", true)]
    [InlineData("all", false)]
    public void AllReduce_SomebodyListens_SeesThePayloadOnlyWhereItIsNotEncrypted(string encryption, bool isSeen)
    {
        using WorkerGroup group = WorkerGroup.Start("verbs", 2, rank => [.. SoftRoceHosts.HostPerRank(rank), ("RDMACC_ENCRYPT", encryption)]);
        Assert.All(group.Transports, line => Assert.Equal(!isSeen, line.Contains("encrypted (AES-256-GCM)", StringComparison.Ordinal)));
        using Socket listener = new(AddressFamily.Packet, SocketType.Raw, (ProtocolType)IPAddress.HostToNetworkOrder((short)3)); // ETH_P_ALL, packet(7)
        listener.ReceiveTimeout = 100;
        listener.SetRawSocketOption(1, 33, BitConverter.GetBytes(64 << 20)); // SO_RCVBUFFORCE, socket(7): nobody reads while the ranks send, and rmem_max has room for some fifty frames
        byte[] ownBeginning = BytesOf(ExactSum.Input(1, 8)); // which goes to rank 0, whatever the algorithm
        foreach (int count in (int[])[1, 100, 40_009])
        {
            string expected = $"ok {ExactSum.Expected(2, count)}";
            Assert.All(group.Tell($"exact-sum {count}", Deadline), answer => Assert.Equal(expected, answer));
            (int sent, int inTheClear) = Listen(listener, ownBeginning, wanted: int.MaxValue, quiet: TimeSpan.FromSeconds(1)); // all that there is
            output.WriteLine($"{count} elements: {sent} RoCE frames, {inTheClear} with their beginning in the clear");
            Assert.Equal(isSeen && count > 1, inTheClear > 0);
        }

        Assert.All(group.Tell("loop 20000", Deadline), answer => Assert.Equal("looping", answer));
        (int frames, int withPattern) = Listen(listener, BytesOf([.. Enumerable.Repeat(1f, 8)]), wanted: 500, quiet: TimeSpan.FromSeconds(20));
        output.WriteLine($"{frames} RoCE frames, {withPattern} with the payload in the clear");
        Assert.True(frames >= 500, $"Only {frames} RoCE frames were seen.");
        Assert.Equal(isSeen, withPattern > 0);
    }

    [Fact]
    public void Calls_Encrypted_AreRight() => AssertRight(encrypted.Ranks, "; encrypted (AES-256-GCM): every message goes through a slot");

    [Fact]
    public void Calls_ThroughMemoryWindows_AreRightAndTheRanksLeaveSoon()
    {
        using WorkerGroup group = WorkerGroup.Start("verbs", 3, rank => [.. SoftRoceHosts.HostPerRank(rank), ("RDMACC_MEMORY_WINDOWS", "1"), ("RDMACC_SLOTS", "2")]);
        AssertRight(group, "; memory windows");
        Assert.All(group.Tell("leave", TimeSpan.FromSeconds(20)), answer => Assert.Equal("ok ", answer)); // rxe waits 200 s for the window that is still bound to a queue pair
    }

    private static void AssertRight(WorkerGroup group, string said)
    {
        Assert.All(group.Transports, line => Assert.Contains(said, line, StringComparison.Ordinal));
        foreach (int count in (int[])[1, 1000, 100_003])
        {
            string expected = $"ok {ExactSum.Expected(3, count)}";
            Assert.All(group.Tell($"exact-sum {count}", Deadline), answer => Assert.Equal(expected, answer));
        }

        Assert.All(group.Tell("allocations-of-all 3000 25", Deadline), answer => Assert.Equal("ok ", answer));
    }

    private static byte[] BytesOf(float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static (int Frames, int WithPattern) Listen(Socket listener, byte[] pattern, int wanted, TimeSpan quiet)
    {
        const int RoceV2Port = 4791;
        const int DestinationPort = 14 + 20 + 2; // Ethernet, IPv4 without options, UDP's source port
        int frames = 0;
        int found = 0;
        byte[] frame = new byte[16 * 1024];
        long last = Stopwatch.GetTimestamp();
        while (frames < wanted && Stopwatch.GetElapsedTime(last) < quiet)
        {
            int size = listener.Receive(frame, 0, frame.Length, SocketFlags.None, out SocketError error);
            if (error == SocketError.Success && size > 200 && (frame[DestinationPort] << 8 | frame[DestinationPort + 1]) == RoceV2Port)
            {
                last = Stopwatch.GetTimestamp(); // others than these come all the time
                frames++;
                found += frame.AsSpan(0, size).IndexOf(pattern) >= 0 ? 1 : 0;
            }
        }

        return (frames, found);
    }

    public sealed class EncryptedHosts() : RankGroup(() => WorkerGroup.Start("verbs", 3, rank => [.. SoftRoceHosts.HostPerRank(rank), ("RDMACC_ENCRYPT", "all"), ("RDMACC_SLOTS", "2")]));
}
