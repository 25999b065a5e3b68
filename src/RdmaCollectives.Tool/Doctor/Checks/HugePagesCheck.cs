using System.Globalization;

namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>Transparent huge pages, and memory that is set aside for others. The library asks for none itself.</summary>
internal sealed class HugePagesCheck : ICheck
{
    private const string Transparent = "/sys/kernel/mm/transparent_hugepage/enabled";
    private const string MemoryInfo = "/proc/meminfo";

    public string Name => "huge-pages";

    public string Summary => "transparent huge pages, and memory set aside for huge pages that nobody uses";

    public IEnumerable<Finding> Examine(HostView host)
    {
        string? enabled = host.Text(Transparent);
        string chosen = enabled?.Split('[', ']') is [_, { } word, ..] ? word : "";
        yield return chosen is "never"
            ? Finding.Note("Transparent huge pages are off: large buffers take more entries in the processor's tables, and an adapter's.", $"{Transparent}: {enabled}", $"echo always > {Transparent}")
            : Finding.Ok(chosen.Length == 0 ? "The kernel has no transparent huge pages." : $"Transparent huge pages: {chosen}. The library asks for none itself.", enabled is null ? $"{Transparent}: not there" : $"{Transparent}: {enabled}");
        long? free = Field(host, "HugePages_Free"), size = Field(host, "Hugepagesize"), total = Field(host, "MemTotal");
        if (free * size > total / 2)
        {
            yield return Finding.Warning(
                $"{Size.Bytes((free * size * 1024)!.Value)} of {Size.Bytes(total!.Value * 1024.0)} of memory are set aside for huge pages that nobody uses; buffers can't have them.",
                string.Create(CultureInfo.InvariantCulture, $"{MemoryInfo}: HugePages_Free {free}, Hugepagesize {size} kB, MemTotal {total} kB"),
                "sysctl vm.nr_hugepages=0, or as many as are used.");
        }
    }

    private static long? Field(HostView host, string name)
    {
        string[]? words = host.Lines(MemoryInfo).FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal))?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is { Length: >= 2 } && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
    }
}
