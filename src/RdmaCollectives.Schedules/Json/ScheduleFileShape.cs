using System.Text.Json.Serialization;

namespace RdmaCollectives.Schedules.Json;

/// <summary>What a schedule file says for one shape. The members have setters: generated code would give those with init the default of their type in place of the one here.</summary>
internal sealed record ScheduleFileShape
{
    [JsonRequired]
    public int Ranks { get; set; }

    public int Root { get; set; }

    public int Channels { get; set; } = 1;

    /// <summary>Null: for any.</summary>
    public int? LocalRanks { get; set; }

    [JsonRequired]
    public int Chunks { get; set; }

    /// <summary>Null: as many as the steps name.</summary>
    public int? ScratchPlanes { get; set; }

    public int Credits { get; set; } = 1;

    /// <summary>By rank.</summary>
    [JsonRequired]
    public Step[][] Steps { get; set; } = [];
}
