using System.Text.Json.Serialization;

namespace RdmaCollectives.Tool.Doctor.Remote;

/// <summary>
/// What is said between the doctor and its agents on other hosts, in lines over their standard input and output. An agent marks its own, as a shell may say good morning there.
/// </summary>
/// <remarks>
/// doctor: ask {AgentRequest}    -> agent: report {AgentReport}
/// doctor: clock                 -> agent: clock TICKS               several times
/// doctor: join {JoinOrder}      -> agent: ranks {DoctorReport}      on rank 0; the others say nothing, and end
/// The end of its input is the end of an agent.
/// </remarks>
internal static class AgentMessages
{
    public const string Mark = "rdmacc-doctor: ";
    public const string Ask = "ask";
    public const string Report = "report";
    public const string Clock = "clock";
    public const string Join = "join";
    public const string Ranks = "ranks";

    /// <summary>A line in two: the word that it begins with, and the rest.</summary>
    public static (string Word, string Text) Split(string line) => line.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space ? (line[..space], line[(space + 1)..]) : (line, "");
}

/// <summary>What an agent is to look at.</summary>
internal sealed record AgentRequest
{
    public string? Only { get; init; }

    public string? Skip { get; init; }
}

/// <summary>What an agent found on its host.</summary>
internal sealed record AgentReport
{
    public required HostReport Host { get; init; }

    /// <summary>As in <see cref="Comparisons.ComparedRank"/>.</summary>
    public required string Machine { get; init; }

    /// <summary>The address of the doctor as ssh shows it there; null without ssh.</summary>
    public string? Client { get; init; }
}

/// <summary>How an agent becomes a rank.</summary>
internal sealed record JoinOrder
{
    /// <summary>With the secret, and so never on a command line.</summary>
    public required IReadOnlyDictionary<string, string?> Environment { get; init; }

    public required bool Matrix { get; init; }

    public string? Transports { get; init; }

    public double? TimeoutSeconds { get; init; }
}

/// <summary>JSON in one line, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(AgentRequest))]
[JsonSerializable(typeof(AgentReport))]
[JsonSerializable(typeof(JoinOrder))]
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class AgentJson : JsonSerializerContext;
