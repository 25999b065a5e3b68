using System.Security.Cryptography;
using System.Text;

namespace RdmaCollectives.Tool.Doctor.Pairs;

/// <summary>What a rank tells the others of itself, so that all agree on who examines which host, and hosts can be compared.</summary>
internal sealed record RankFacts
{
    public required string Host { get; init; }

    /// <summary>The same for all ranks that may share memory: the boot id, or RDMACC_HOST_ID.</summary>
    public required string Machine { get; init; }

    /// <summary>The same for all ranks that see the same files and have the same limits: containers of one host do not.</summary>
    public required string View { get; init; }

    public required int Processors { get; init; }

    public required bool HasActiveRdma { get; init; }

    /// <summary>For each peer the transport to it; empty for this rank itself.</summary>
    public required IReadOnlyList<string> Transports { get; init; }

    public static RankFacts Of(HostView host, Communicator communicator)
    {
        string boot = MachineOf(host);
        return new RankFacts
        {
            Host = host.Text("/proc/sys/kernel/hostname") ?? "unknown",
            Machine = boot,
            View = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', boot, NamespaceOf("net"), NamespaceOf("mnt"), host.Text(Limit.File))))),
            Processors = Environment.ProcessorCount,
            HasActiveRdma = RdmaPortFiles.Rails(host).Count > 0,
            Transports = [.. Enumerable.Range(0, communicator.WorldSize).Select(peer => peer == communicator.Rank ? "" : Matrix.TransportTo(communicator, peer))],
        };
    }

    public static string MachineOf(HostView host) => host.SetValue("RDMACC_HOST_ID") ?? host.Text("/proc/sys/kernel/random/boot_id") ?? Guid.NewGuid().ToString();

    private static string NamespaceOf(string kind) => new FileInfo($"/proc/self/ns/{kind}").LinkTarget ?? "";
}
