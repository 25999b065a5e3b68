using System.Globalization;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>
/// The "hosts" of the Soft-RoCE machine: device <c>rxe1r0</c> is host 1's. They are one kernel, so every rank is told its host and its device; what it then reaches others by is asserted.
/// A machine without them fails these tests: they never pass by finding nothing.
/// </summary>
internal static class SoftRoceHosts
{
    public const int Count = 4;

    /// <summary>The device of a host, from 1.</summary>
    public static string Device(int host) => $"rxe{host}r0";

    /// <summary>One rank per host: rank r is on host r + 1.</summary>
    public static IEnumerable<(string Name, string Value)> HostPerRank(int rank) => On(rank + 1);

    /// <summary>Two ranks per host: ranks 0 and 1 on host 1, ranks 2 and 3 on host 2.</summary>
    public static IEnumerable<(string Name, string Value)> TwoRanksPerHost(int rank) => On((rank / 2) + 1);

    /// <summary>All ranks use the device of host 1 and call themselves different hosts.</summary>
    public static IEnumerable<(string Name, string Value)> OneDevice(int rank) => [("RDMACC_HOST_ID", $"host{rank + 1}"), ("RDMACC_DEVICE", Device(1))];

    /// <summary>Packets that a device has sent, by its own counter.</summary>
    public static long SentPackets(int host) =>
        long.Parse(File.ReadAllText($"/sys/class/infiniband/{Device(host)}/ports/1/hw_counters/sent_pkts"), CultureInfo.InvariantCulture);

    private static IEnumerable<(string Name, string Value)> On(int host) => [("RDMACC_HOST_ID", $"host{host}"), ("RDMACC_DEVICE", Device(host))];
}
