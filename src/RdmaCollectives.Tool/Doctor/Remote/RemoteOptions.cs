using System.Text.RegularExpressions;

namespace RdmaCollectives.Tool.Doctor.Remote;

/// <summary>Which hosts are examined over ssh, and how they are reached.</summary>
internal sealed partial record RemoteOptions
{
    public const int MostHosts = 256;

    public required IReadOnlyList<string> Hosts { get; init; }

    /// <summary>The program in the place of ssh, and arguments of it.</summary>
    public required IReadOnlyList<string> Ssh { get; init; }

    /// <summary>How the shells of the hosts call this tool.</summary>
    public required string Program { get; init; }

    /// <summary>From the start of ssh to the report of a host.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Under which address the hosts reach this one; null: the one that ssh shows there.</summary>
    public required string? Address { get; init; }

    /// <summary>Host names with commas between, as ssh takes them.</summary>
    /// <exception cref="ToolException">One is none, comes twice, or there are too many.</exception>
    public static IReadOnlyList<string> ParseHosts(string text)
    {
        string[] hosts = text.Split(',', StringSplitOptions.TrimEntries);
        return hosts.FirstOrDefault(host => !HostName().IsMatch(host)) is { } wrong ? throw ToolException.BadArguments($"--hosts {text}: '{wrong}' is no name of a host. Give names as ssh takes them, with commas between: node1,node2 or user@node1,10.0.0.7.")
            : hosts.Length > MostHosts ? throw ToolException.BadArguments($"--hosts: {hosts.Length} hosts are named, and allowed are 1 to {MostHosts}. Examine them in parts.")
            : hosts.GroupBy(host => host, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice ? throw ToolException.BadArguments($"--hosts {text}: {twice.Key} is named twice. Name each host once.")
            : hosts;
    }

    /// <summary>Nothing that ssh would take for an option, and nothing that a shell would take apart.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9_\[][A-Za-z0-9_.@:%\[\]-]*$", RegexOptions.NonBacktracking)]
    private static partial Regex HostName();
}
