namespace RdmaCollectives.Configuration;

/// <summary>One row of the <see cref="OptionTable"/>, for those who only list it.</summary>
internal abstract class OptionDefinition
{
    public required string Name { get; init; }

    public required string Variable { get; init; }

    public required string Description { get; init; }

    public required string Allowed { get; init; }

    /// <summary>What holds when nobody sets it, for people, where that is not a value.</summary>
    public string? DefaultInWords { get; init; }

    public bool IsSecret { get; init; }

    /// <summary>Another launcher's word for it, looked at when our own variable is not set: text and origin, or null.</summary>
    public Func<OptionInputs, (string Text, string Origin)?>? FromLauncher { get; init; }

    /// <summary>The names of those other variables, for people.</summary>
    public string? LauncherVariables { get; init; }

    public abstract string DefaultText { get; }

    public abstract OptionValue Describe(OptionReader reader);
}
