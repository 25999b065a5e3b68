namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>What tells whether two ranks are on one host, and in one PID namespace.</summary>
internal static class HostIdentity
{
    /// <summary>The boot id: random at each start of the kernel, the same in all its containers (proc(5), /proc/sys/kernel/random).</summary>
    public static string BootId { get; } = ReadOr("/proc/sys/kernel/random/boot_id", static path => File.ReadAllText(path).Trim(), Environment.MachineName);

    /// <summary>As the kernel prints it, <c>pid:[4026531836]</c>: process numbers of one namespace mean nothing in another.</summary>
    public static string PidNamespace { get; } = ReadOr("/proc/self/ns/pid", static path => File.ResolveLinkTarget(path, returnFinalTarget: false)?.Name, "unknown");

    private static string ReadOr(string path, Func<string, string?> read, string otherwise)
    {
        try
        {
            return read(path) ?? otherwise;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return otherwise;
        }
    }
}
