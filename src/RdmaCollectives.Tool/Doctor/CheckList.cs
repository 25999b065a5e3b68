using RdmaCollectives.Tool.CommandLine;
using RdmaCollectives.Tool.Doctor.Checks;

namespace RdmaCollectives.Tool.Doctor;

/// <summary>Every check of a host, in the order of the report.</summary>
internal static class CheckList
{
    public static IReadOnlyList<ICheck> All { get; } =
    [
        new ConfigurationCheck(),
        new SharedMemoryCheck(),
        new FutexCheck(),
        new ProcessAccessCheck(),
        new OpenFilesCheck(),
        new CpuQuotaCheck(),
        new CpuGovernorCheck(),
        new ClockCheck(),
        new HugePagesCheck(),
        new NumaCheck(),
        new InterfacesCheck(),
        new TcpBuffersCheck(),
        new RdmaDevicesCheck(),
        new RdmaPortsCheck(),
        new GidsCheck(),
        new RdmaMtuCheck(),
        new LockedMemoryCheck(),
        new FlowControlCheck(),
        new PcieCheck(),
        new IommuCheck(),
        new AcsCheck(),
        new GpuMemoryCheck(),
    ];

    /// <summary>Those that were asked for.</summary>
    /// <param name="only">Names with commas between; null for all.</param>
    /// <param name="skip">Names with commas between, which are left out; null for none.</param>
    /// <exception cref="ToolException">A name is none of a check.</exception>
    public static IReadOnlyList<ICheck> Select(string? only, string? skip)
    {
        IReadOnlySet<string>? wanted = only is null ? null : Names("--only", only);
        IReadOnlySet<string>? unwanted = skip is null ? null : Names("--skip", skip);
        ICheck[] selected = [.. All.Where(check => wanted?.Contains(check.Name) != false && unwanted?.Contains(check.Name) != true)];
        return selected.Length > 0 ? selected : throw ToolException.BadArguments($"--skip {skip}: no check is left. Leave some in.");
    }

    private static HashSet<string> Names(string option, string text)
    {
        HashSet<string> names = [.. text.Split(',', StringSplitOptions.TrimEntries)];
        string[] known = [.. All.Select(check => check.Name)];
        return names.FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is { } wrong
            ? throw ToolException.BadArguments($"{option} {wrong}: there is no such check; there is {string.Join(", ", known)}.{Suggestion.For(wrong, known)}")
            : names;
    }
}
