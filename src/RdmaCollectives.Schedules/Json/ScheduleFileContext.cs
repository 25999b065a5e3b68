using System.Text.Json;
using System.Text.Json.Serialization;

namespace RdmaCollectives.Schedules.Json;

/// <summary>How files are read, without reflection. Comments and commas behind the last item are for those who write by hand; a member that nobody knows is an error.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters = [typeof(StepConverter), typeof(NameConverter<CollectiveKind>), typeof(NameConverter<ScheduleTraits>)])]
[JsonSerializable(typeof(ScheduleFile))]
internal sealed partial class ScheduleFileContext : JsonSerializerContext;
