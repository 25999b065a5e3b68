using System.Globalization;

namespace RdmaCollectives.Tool.Doctor;

/// <summary>A line of /proc/self/limits (proc_pid_limits(5)).</summary>
/// <param name="Soft">The limit that holds; null is unlimited.</param>
/// <param name="Line">The line as evidence.</param>
internal sealed record Limit(long? Soft, string Line)
{
    public const string File = "/proc/self/limits";

    /// <summary>Null where the kernel says nothing of it.</summary>
    public static Limit? Of(HostView host, string name)
    {
        string? line = host.Lines(File).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        string[] words = line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length == 0 ? null
            : words[0] == "unlimited" ? new Limit(null, Evidence(name, words))
            : long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out long soft) ? new Limit(soft, Evidence(name, words))
            : null;
    }

    private static string Evidence(string name, string[] words) => $"{File}: {name} {string.Join(' ', words)}";
}
