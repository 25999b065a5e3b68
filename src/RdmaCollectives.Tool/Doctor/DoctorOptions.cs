using RdmaCollectives.Tool.Doctor.Comparisons;

namespace RdmaCollectives.Tool.Doctor;

/// <summary>What the command line asks for.</summary>
internal sealed record DoctorOptions
{
    public required IReadOnlyList<ICheck> Checks { get; init; }

    public required IReadOnlyList<IComparison> Comparisons { get; init; }

    /// <summary>Whether all pairs are measured.</summary>
    public required bool Matrix { get; init; }

    /// <summary>How many ranks there should be; null leaves that to the launcher.</summary>
    public required int? Ranks { get; init; }

    /// <summary>What the ranks may use; null leaves that to RDMACC_TRANSPORTS.</summary>
    public required string? Transports { get; init; }

    /// <summary>Of each call between ranks; null leaves that to RDMACC_TIMEOUT.</summary>
    public required TimeSpan? Timeout { get; init; }
}
