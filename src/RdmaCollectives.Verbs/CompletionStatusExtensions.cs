namespace RdmaCollectives.Verbs;

/// <summary>Completion statuses in words: the cause, and what to look at. All of it is in <see cref="Explanations"/>.</summary>
public static class CompletionStatusExtensions
{
    /// <summary>What happened in a few words, for instance <c>remote access error</c>; a status this version does not know prints as its number.</summary>
    public static string Describe(this CompletionStatus status) => status.Explain().Meaning;

    /// <summary>What to do about it, in one or two sentences; empty for <see cref="CompletionStatus.Success"/>.</summary>
    public static string Remedy(this CompletionStatus status) => status.Explain().Remedy;
}
