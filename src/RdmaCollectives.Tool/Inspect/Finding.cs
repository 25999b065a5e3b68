namespace RdmaCollectives.Tool.Inspect;

/// <summary>Something that stands out, in words and for programs.</summary>
/// <param name="Kind"><c>fault</c>, <c>missing</c>, <c>mismatch</c>, <c>never-entered</c>, <c>late</c>, <c>often-late</c>, <c>slow-link</c> or <c>clocks</c>.</param>
/// <param name="Text">One sentence.</param>
internal sealed record Finding(string Kind, string Text)
{
    /// <summary>The ranks that it is about.</summary>
    public IReadOnlyList<int> Ranks { get; init; } = [];

    /// <summary>The number of the call, where it is about one.</summary>
    public ulong? Sequence { get; init; }

    /// <summary>How late, or how long in all.</summary>
    public long? Nanoseconds { get; init; }

    /// <summary>In how many calls, where that was counted.</summary>
    public int? Calls { get; init; }
}
