using System.Globalization;

namespace RdmaCollectives.Tool.Doctor;

/// <summary>Fields of /proc/self/status (proc_pid_status(5)).</summary>
internal static class ProcessStatus
{
    public const string File = "/proc/self/status";

    private const int CapIpcLock = 14; // capabilities(7)
    private const string WholeUserNamespace = "4294967295";

    public static string? Field(HostView host, string name) =>
        host.Lines(File).FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal))?[(name.Length + 1)..].Trim();

    /// <summary>Whether RLIMIT_MEMLOCK does not bind this process: CAP_IPC_LOCK, and that in the first user namespace, where the kernel asks for it.</summary>
    public static bool MayLockMemory(HostView host) =>
        ulong.TryParse(Field(host, "CapEff"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong capabilities)
        && (capabilities & (1UL << CapIpcLock)) != 0
        && host.Text("/proc/self/uid_map")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["0", "0", WholeUserNamespace];
}
