namespace RdmaCollectives.Verbs;

/// <summary>Which GID was chosen, why, and what was said of every other.</summary>
/// <param name="Entry">The chosen entry, or null when none can be used.</param>
/// <param name="Reason">One sentence.</param>
/// <param name="Verdicts">A verdict on every entry of the table, in its order.</param>
public sealed record GidChoice(GidEntry? Entry, string Reason, IReadOnlyList<GidVerdict> Verdicts);

/// <summary>What was said of one entry.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="IsChosen">Whether it was chosen.</param>
/// <param name="Reason">Why, or why not.</param>
public readonly record struct GidVerdict(GidEntry Entry, bool IsChosen, string Reason);
