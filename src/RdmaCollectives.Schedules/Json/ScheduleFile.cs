using System.Text.Json.Serialization;

namespace RdmaCollectives.Schedules.Json;

/// <summary>A schedule file as it is written: the members of the JSON object, in their order.</summary>
internal sealed record ScheduleFile
{
    [JsonRequired]
    public string Name { get; set; } = "";

    [JsonRequired]
    public CollectiveKind Collective { get; set; }

    public ScheduleTraits[] Traits { get; set; } = [];

    [JsonRequired]
    public ScheduleFileShape[] Shapes { get; set; } = [];
}
