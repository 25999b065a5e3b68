using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Topology;

/// <summary>
/// On which processors this process may run, as a number: ranks of one host with the same number compete for the same processors. Ranks that a launcher has bound (<c>mpirun --bind-to core</c>, Slurm's task affinity,
/// taskset) have numbers of their own.
/// </summary>
internal static class AllowedProcessors
{
    private const string Name = "Cpus_allowed:";

    /// <summary>0 where the kernel does not say: then all ranks of a host count as competitors.</summary>
    public static uint Hash()
    {
        try
        {
            return Hash(File.ReadLines("/proc/self/status"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>From the lines of a process' status.</summary>
    public static uint Hash(IEnumerable<string> status)
    {
        if (status.FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal)) is not { } mask)
        {
            return 0;
        }

        var hash = new Fnv1a();
        hash.Add(mask[Name.Length..].Trim());
        return hash.Value;
    }
}
