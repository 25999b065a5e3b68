using System.Globalization;
using System.Runtime.InteropServices;

namespace RdmaCollectives.Tool.Reports;

/// <summary>What numbers depend on, without anything that names the machine.</summary>
internal static class Machine
{
    public static IEnumerable<(string Name, string Value)> Describe() =>
    [
        ("processor", $"{Field("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString()}, {Environment.ProcessorCount} cores{(IsVirtual() ? ", in a virtual machine" : "")}"),
        ("memory", Memory()),
        ("system", $"{Field("/etc/os-release", "PRETTY_NAME")?.Trim('"') ?? RuntimeInformation.OSDescription}, Linux {Field("/proc/sys/kernel/osrelease", "")}"),
        (".NET", RuntimeInformation.FrameworkDescription),
        ("rdmacc", ToolVersion.Text),
    ];

    private static bool IsVirtual() => Field("/proc/cpuinfo", "flags")?.Split(' ').Contains("hypervisor", StringComparer.Ordinal) == true;

    private static string Memory() =>
        long.TryParse(Field("/proc/meminfo", "MemTotal")?.Split(' ')[0], CultureInfo.InvariantCulture, out long kibibytes)
            ? string.Create(CultureInfo.InvariantCulture, $"{kibibytes / (double)(1 << 20):0} GiB")
            : "unknown";

    /// <summary>The value of the first line "name: value" or "name=value" of a file.</summary>
    private static string? Field(string file, string name)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].TrimStart('=', ':', ' ', '\t');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
