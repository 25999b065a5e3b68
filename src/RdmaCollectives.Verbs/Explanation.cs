namespace RdmaCollectives.Verbs;

/// <summary>What a number of the device means, why it usually comes, and what to do about it. <c>docs/rdma-errors.md</c> lists all of them.</summary>
/// <param name="Name">The name in <c>verbs.h</c>, for searching.</param>
/// <param name="Meaning">What happened, in a few words.</param>
/// <param name="Causes">What is usually behind it, as a sentence; empty where it is no failure.</param>
/// <param name="Remedy">What to do, in one or two sentences; empty where nothing has to be done.</param>
public readonly record struct Explanation(string Name, string Meaning, string Causes, string Remedy)
{
    /// <summary>Causes and remedy in one line, or nothing.</summary>
    public string Advice => string.Join(' ', new[] { Causes, Remedy }.Where(part => part.Length > 0));
}
