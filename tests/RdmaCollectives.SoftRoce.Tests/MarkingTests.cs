using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>What the options say of packets and partitions, as it is seen on the wire. Soft-RoCE has one partition key, 0xffff, and sends no flow label.</summary>
public sealed class MarkingTests(ITestOutputHelper output)
{
    private const int RoceV2Port = 4791;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public void Packets_OfATrafficClass_HaveItAndThoseWithoutHaveNone()
    {
        Assert.Equal([0], TrafficClassesOf());
        Assert.Equal([104], TrafficClassesOf(("RDMACC_TRAFFIC_CLASS", "104"), ("RDMACC_SERVICE_LEVEL", "3"), ("RDMACC_FLOW_LABEL", "auto"), ("RDMACC_PKEY", "0xffff")));
    }

    [Fact]
    public void Create_WithAPartitionThatThePortIsNotIn_NamesKeyTableAndRemedyOnEveryRank()
    {
        using WorkerGroup group = WorkerGroup.Launch("verbs", 2, rank => [.. SoftRoceHosts.HostPerRank(rank), ("RDMACC_PKEY", "0x8001"), ("RDMACC_JOIN_TIMEOUT", "60")]);
        for (int rank = 0; rank < 2; rank++)
        {
            string answer = group.Read(rank, Deadline);
            Assert.StartsWith("fail ", answer, StringComparison.Ordinal);
            Assert.Contains($"RDMACC_PKEY is 0x8001, and {SoftRoceHosts.Device(rank + 1)} port 1 has the partition keys 0xffff. Take one of these", answer, StringComparison.Ordinal);
        }
    }

    /// <summary>The IP types of service of all RoCE v2 packets of a few sums.</summary>
    private int[] TrafficClassesOf(params (string Name, string Value)[] options)
    {
        using WorkerGroup group = WorkerGroup.Start("verbs", 2, rank => [.. SoftRoceHosts.HostPerRank(rank), .. options]);
        using Socket listener = new(AddressFamily.Packet, SocketType.Raw, (ProtocolType)IPAddress.HostToNetworkOrder((short)3)); // ETH_P_ALL, packet(7)
        listener.ReceiveTimeout = 500;
        listener.SetRawSocketOption(1, 33, BitConverter.GetBytes(16 << 20)); // SO_RCVBUFFORCE, socket(7)
        string expected = $"ok {ExactSum.Expected(2, 1000)}";
        Assert.All(group.Tell("exact-sum 1000", Deadline), answer => Assert.Equal(expected, answer));

        var classes = new SortedDictionary<int, int>();
        byte[] frame = new byte[16 * 1024];
        int size;
        while ((size = listener.Receive(frame, 0, frame.Length, SocketFlags.None, out SocketError error)) > 0 && error == SocketError.Success)
        {
            // Ethernet, IPv4 without options, UDP's destination port
            if (size > 42 && frame[12] == 8 && frame[13] == 0 && frame[23] == 17 && (frame[36] << 8 | frame[37]) == RoceV2Port)
            {
                classes[frame[15]] = classes.GetValueOrDefault(frame[15]) + 1;
            }
        }

        output.WriteLine(string.Join(", ", classes.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Value} packets of traffic class {one.Key}"))));
        return [.. classes.Keys];
    }
}
