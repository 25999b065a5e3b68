using System.Security.Cryptography;
using System.Text;

namespace RdmaCollectives.Transports;

/// <summary>
/// Tells hosts apart, and the namespaces of one host: the kernel's boot id, or what the user said in its place. Ranks with equal identities are candidates for what works inside a host
/// only; whether it works is probed.
/// </summary>
internal static class HostIdentity
{
    // Where /proc does not tell, a random one: this process is then alone on its host, and nothing is shared that may not be.
    private static readonly string s_bootId = Read("/proc/sys/kernel/random/boot_id", static path => File.ReadAllText(path).Trim()) ?? Guid.NewGuid().ToString();

    /// <summary>As the kernel prints it, <c>pid:[4026531836]</c>: process numbers of one namespace mean nothing in another.</summary>
    public static string PidNamespace { get; } = Read("/proc/self/ns/pid", LinkTarget) ?? "unknown";

    private static string NetworkNamespace { get; } = Read("/proc/self/ns/net", LinkTarget) ?? Guid.NewGuid().ToString();

    /// <summary>The host: what the user said, else the boot id (random at each start of the kernel, the same in all its containers; proc(5), /proc/sys/kernel/random).</summary>
    public static string Of(ResolvedOptions options) => options.HostId ?? s_bootId;

    /// <summary>The host and its network namespace: containers of one host have the boot id in common but not the loopback interface.</summary>
    public static string WithNetworkNamespace(ResolvedOptions options) => $"{Of(options)} {NetworkNamespace}";

    /// <summary>An identity in 16 bytes, to compare over the wire.</summary>
    public static Guid HashOf(string identity) => new(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 16));

    private static string? LinkTarget(string path) => new FileInfo(path).LinkTarget;

    private static string? Read(string path, Func<string, string?> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
