using RdmaCollectives.Tool.Doctor.Facts;

namespace RdmaCollectives.Tool.Doctor;

/// <summary>What the checks found on one host.</summary>
internal sealed record HostReport
{
    public required string Host { get; init; }

    /// <summary>The kernel's release.</summary>
    public required string Kernel { get; init; }

    /// <summary>The ranks that run there; empty where no launcher started this process.</summary>
    public IReadOnlyList<int> Ranks { get; init; } = [];

    /// <summary>What it is like, as values.</summary>
    public required HostFacts Facts { get; init; }

    public required IReadOnlyList<Finding> Findings { get; init; }

    public static HostReport Of(HostView host, IReadOnlyList<ICheck> checks) => new()
    {
        Host = host.Text("/proc/sys/kernel/hostname") ?? "unknown",
        Kernel = host.Text("/proc/sys/kernel/osrelease") ?? "unknown",
        Facts = HostFacts.Of(host),
        Findings = [.. checks.SelectMany(check => check.Examine(host).Select(finding => finding with { Check = check.Name }))],
    };
}
