using System.Diagnostics;
using System.Globalization;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>
/// The "hosts" of the Soft-RoCE machine: device <c>rxe1r0</c> is host 1's. They are one kernel, so every rank is told its host and its device; what it then reaches others by is asserted.
/// A machine without them fails these tests: they never pass by finding nothing.
/// </summary>
internal static class SoftRoceHosts
{
    /// <summary>How many there are, by tests/suites.json.</summary>
    public const int Count = 4;

    /// <summary>How many devices each has.</summary>
    public const int Rails = 2;

    /// <summary>The device of a host, from 1, on a rail, from 0.</summary>
    public static string Device(int host, int rail = 0) => $"rxe{host}r{rail}";

    /// <summary>The variables that put a rank on a host and its device.</summary>
    public static IEnumerable<(string Name, string Value)> On(int host) => On($"host{host}", host);

    /// <summary>A rank that calls itself host <paramref name="name"/>, with the device of host <paramref name="device"/>. It believes that it has the processors of its host for itself, and is told that it has not.</summary>
    public static IEnumerable<(string Name, string Value)> On(string name, int device) => [("RDMACC_HOST_ID", name), ("RDMACC_DEVICE", Device(device)), ("RDMACC_SPIN", "0")];

    /// <summary>One rank per host: rank r is on host r + 1.</summary>
    public static IEnumerable<(string Name, string Value)> HostPerRank(int rank) => On(rank + 1);

    /// <summary>How a rank on <paramref name="device"/> says that it reaches others over it: name, port, and the GID that is the host's IPv4 address.</summary>
    public static string Gid(int device) => $"{Device(device)} port 1 GID index 1 10.88.0.{device} ";

    /// <summary>Packets that a device has sent, by its own counter.</summary>
    public static long SentPackets(int host, int rail = 0) =>
        long.Parse(File.ReadAllText($"/sys/class/infiniband/{Device(host, rail)}/ports/1/hw_counters/sent_pkts"), CultureInfo.InvariantCulture);

    /// <summary>Calls a function of <c>tests/softroce/guest/hosts.sh</c>, as in <c>link_down 1 0</c>.</summary>
    public static void Change(string functionAndArguments)
    {
        string script = Path.Combine(Environment.GetEnvironmentVariable("RDMACC_SOFTROCE_DIR")!, "guest", "hosts.sh");
        using Process process = Process.Start(script, functionAndArguments.Split(' '));
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
