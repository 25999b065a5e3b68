namespace RdmaCollectives;

/// <summary>One option as it stands for this process; from <see cref="CommunicatorOptions.Describe"/>.</summary>
public sealed record OptionValue
{
    internal OptionValue()
    {
    }

    /// <summary>The property of <see cref="CommunicatorOptions"/>.</summary>
    public required string Name { get; init; }

    /// <summary>The environment variable, which is also the name in the configuration file.</summary>
    public required string Variable { get; init; }

    /// <summary>The value as text, as the variable would hold it. A secret is never shown.</summary>
    public required string Value { get; init; }

    /// <summary>Where it came from.</summary>
    public required OptionSource Source { get; init; }

    /// <summary>Where it came from, exactly: the variable, or file and line, or <c>default</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>What is allowed.</summary>
    public required string Allowed { get; init; }

    /// <summary>What the option is for, in one line.</summary>
    public required string Description { get; init; }

    /// <summary>What is wrong with the value, or null. Creating a communicator with it would throw.</summary>
    public string? Problem { get; init; }
}
