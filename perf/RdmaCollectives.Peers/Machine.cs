using System.Runtime.InteropServices;

namespace RdmaCollectives.Peers;

/// <summary>What the numbers depend on, without anything that names the machine.</summary>
internal static class Machine
{
    public static IEnumerable<string> Describe(string library)
    {
        string gibibytes = Text.Number(Bytes("MemTotal:") / (double)(1L << 30), "0");
        yield return $"| processor | {Field("/proc/cpuinfo", "model name")}, {Environment.ProcessorCount} available{(Field("/proc/cpuinfo", "flags").Split(' ').Contains("hypervisor") ? ", in a virtual machine" : "")} |";
        yield return $"| memory | {gibibytes} GiB |";
        yield return $"| system | {Field("/etc/os-release", "PRETTY_NAME").Trim('"')}, Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()} |";
        yield return $"| .NET | {RuntimeInformation.FrameworkDescription} |";
        yield return $"| RdmaCollectives | {library} |";
        yield return $"| {PeerList.OpenMpi} | {Package("openmpi-bin")} |";
        yield return $"| {PeerList.Mpich} | {Package("mpich")} |";
        yield return $"| {PeerList.Gloo} | {Package("libgloo-dev")} |";
        yield return $"| load when the run began | {File.ReadAllText("/proc/loadavg").Split(' ')[0]} (mean of the last minute) |";
    }

    /// <summary>The version of an installed package.</summary>
    private static string Package(string name) => Subprocess.Run(["dpkg-query", "-W", "-f=${Version}", name], TimeSpan.FromMinutes(1)).Output.Trim();

    /// <summary>The value of the first line "name: value" or "name=value" of a file.</summary>
    private static string Field(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].TrimStart('=', ':', ' ', '\t') ?? "unknown";

    private static double Bytes(string name) => 1024 * double.Parse(Field("/proc/meminfo", name).Split(' ')[0]);
}
