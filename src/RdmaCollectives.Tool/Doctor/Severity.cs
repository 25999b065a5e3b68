using System.Text.Json.Serialization;

namespace RdmaCollectives.Tool.Doctor;

/// <summary>How much a finding matters.</summary>
internal enum Severity
{
    /// <summary>As it should be.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>Good to know; nothing has to be done.</summary>
    [JsonStringEnumMemberName("note")]
    Note,

    /// <summary>It works, and is slower or closer to a limit than it need be.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>Something that was asked for, or that this host has, can't be used.</summary>
    [JsonStringEnumMemberName("problem")]
    Problem,
}
