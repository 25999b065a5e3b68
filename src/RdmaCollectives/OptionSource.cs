namespace RdmaCollectives;

/// <summary>Where the value of an option came from; a later one goes before an earlier one.</summary>
public enum OptionSource
{
    /// <summary>Nobody set it.</summary>
    Default = 0,

    /// <summary>The configuration file.</summary>
    File = 1,

    /// <summary>An environment variable.</summary>
    Environment = 2,

    /// <summary>A property of <see cref="CommunicatorOptions"/>, set in the program.</summary>
    Explicit = 3,
}
