namespace RdmaCollectives.Peers;

/// <summary>One who takes part in a comparison: the command that measures it and prints a JSON line per size.</summary>
/// <param name="Name">In tables and legends.</param>
/// <param name="Transport">What its lines must say.</param>
/// <param name="Command">Program and arguments.</param>
/// <param name="Environment">Variables set for it besides the caller's.</param>
internal sealed record Contender(string Name, string Transport, IReadOnlyList<string> Command, IReadOnlyList<(string Name, string Value)> Environment)
{
    public Role Role { get; init; } = Role.Ours;

    /// <summary>Which of its settings this is, in words.</summary>
    public string Setting { get; init; } = "";

    /// <summary>About how long a size takes, warm-up included: for saying beforehand how long all of it will take.</summary>
    public double SecondsPerSize { get; init; } = 0.5;

    /// <summary>The command as one types it, without this machine's folders.</summary>
    public string CommandLine => string.Join(' ', Environment.Select(pair => $"{pair.Name}={pair.Value}").Concat(Command.Select((word, i) => i == 0 || word.Contains("/artifacts/", StringComparison.Ordinal) ? Path.GetFileName(word) : word)));
}

/// <summary>What ratios are made of: ours, and the roof, are divided by the best peer.</summary>
internal enum Role
{
    Peer,
    Ours,
    Roof,
}
