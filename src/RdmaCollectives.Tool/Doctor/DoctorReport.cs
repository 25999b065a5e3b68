using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using RdmaCollectives.Tool.Doctor.Facts;
using RdmaCollectives.Tool.Doctor.Pairs;

namespace RdmaCollectives.Tool.Doctor;

/// <summary>All that was found: on each host, between hosts, between ranks, and the matrix where one was measured.</summary>
internal sealed record DoctorReport
{
    /// <summary>Of the tool.</summary>
    public string Version { get; init; } = ToolVersion.Text;

    public Severity Worst => AllFindings.Select(finding => finding.Severity).DefaultIfEmpty().Max();

    public required IReadOnlyList<HostReport> Hosts { get; init; }

    /// <summary>Of the hosts compared with each other; none where there is one.</summary>
    public IReadOnlyList<Finding> Comparison { get; init; } = [];

    /// <summary>Between ranks; none without a launcher.</summary>
    public IReadOnlyList<Finding> Pairs { get; init; } = [];

    /// <summary>Each pair of ranks once, where they were measured.</summary>
    public IReadOnlyList<PairRow> Matrix { get; init; } = [];

    [JsonIgnore]
    public IEnumerable<Finding> AllFindings => Hosts.SelectMany(host => host.Findings).Concat(Comparison).Concat(Pairs);

    public string ToJson() => JsonSerializer.Serialize(this, DoctorJson.Readable.DoctorReport);

    public int ExitCodeFor(bool strict) => Worst switch
    {
        Severity.Problem => ExitCode.Problem,
        Severity.Warning when strict => ExitCode.Warning,
        _ => ExitCode.Success,
    };
}

/// <summary>JSON without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(RankFacts))]
[JsonSerializable(typeof(HostFacts))]
internal sealed partial class DoctorJson : JsonSerializerContext
{
    /// <summary>Quotes stay quotes: this goes to a terminal or a file, never into HTML.</summary>
    public static DoctorJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter<Severity>() },
    });
}
