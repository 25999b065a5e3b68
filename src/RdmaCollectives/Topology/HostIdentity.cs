using System.Security.Cryptography;
using System.Text;

namespace RdmaCollectives.Topology;

/// <summary>Tells hosts apart: the kernel's boot id, or what the user said. Ranks with equal identities are candidates for shared memory; whether it works is probed.</summary>
internal static class HostIdentity
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>This host's identity in words.</summary>
    public static string Of(ResolvedOptions options) =>
        options.HostId ?? (File.Exists(BootIdFile) ? File.ReadAllText(BootIdFile).Trim() : Environment.MachineName);

    /// <summary>The identity in 16 bytes, to compare over the wire.</summary>
    public static Guid HashOf(string identity) => new(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 16));
}
