using RdmaCollectives.Configuration;

namespace RdmaCollectives;

/// <summary>What can be asked of options.</summary>
public static class CommunicatorOptionsExtensions
{
    /// <summary>Every option as it stands now for this process: value, where it came from, and what is wrong with it. Secrets are not shown. Throws for no value.</summary>
    /// <param name="options">The program's own choices.</param>
    public static IReadOnlyList<OptionValue> Describe(this CommunicatorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return OptionResolver.Describe(options, OptionInputs.OfThisProcess());
    }
}
