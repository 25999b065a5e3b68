namespace RdmaCollectives.Tool.Launching;

/// <summary>Whether a launcher, ours or torchrun's kind, has started this process as a rank.</summary>
internal static class Launched
{
    public static bool IsLaunched => Rank is not null;

    /// <summary>Also where there is no launcher, and so only one rank.</summary>
    public static bool IsRankZero => Rank is null or "0";

    private static string? Rank => Variable("RDMACC_RANK") ?? Variable("RANK");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? text : null;
}
