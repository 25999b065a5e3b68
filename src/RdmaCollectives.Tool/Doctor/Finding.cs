using System.Text.Json.Serialization;

namespace RdmaCollectives.Tool.Doctor;

/// <summary>What a check found: in words, with what it was read from, and what to do.</summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Text">One or two sentences: what is so, and why that matters.</param>
/// <param name="Evidence">The file or call, and its value.</param>
/// <param name="Remedy">A command or a sentence; null where there is nothing to do.</param>
internal sealed record Finding(Severity Severity, string Text, string Evidence, string? Remedy = null)
{
    /// <summary>The name of the check.</summary>
    [JsonPropertyOrder(-1)]
    public string Check { get; init; } = "";

    /// <summary>The ranks that it is about; empty where it is about a host.</summary>
    public IReadOnlyList<int> Ranks { get; init; } = [];

    public static Finding Ok(string text, string evidence) => new(Severity.Ok, text, evidence);

    public static Finding Note(string text, string evidence, string? remedy = null) => new(Severity.Note, text, evidence, remedy);

    public static Finding Warning(string text, string evidence, string remedy) => new(Severity.Warning, text, evidence, remedy);

    public static Finding Problem(string text, string evidence, string remedy) => new(Severity.Problem, text, evidence, remedy);
}
