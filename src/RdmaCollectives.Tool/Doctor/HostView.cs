using System.Globalization;

namespace RdmaCollectives.Tool.Doctor;

/// <summary>A host as the checks see it: files under a root, so that a directory of recorded files does as well as the machine, and a probe for what no file says.</summary>
internal sealed class HostView(string root, IHostProbe probe)
{
    public IHostProbe Probe { get; } = probe;

    public static HostView OfThisMachine() => new("/", new MachineProbe());

    /// <summary>The text of a file without white space around it; null where it is missing, empty or can't be read.</summary>
    public string? Text(string path)
    {
        try
        {
            string text = File.ReadAllText(Place(path)).Trim();
            return text.Length == 0 ? null : text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public IReadOnlyList<string> Lines(string path) => Text(path)?.Split('\n', StringSplitOptions.TrimEntries) ?? [];

    /// <summary>A file that holds one whole number.</summary>
    public long? Number(string path) => long.TryParse(Text(path), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;

    public byte[]? Bytes(string path)
    {
        try
        {
            return File.ReadAllBytes(Place(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The names in a directory, in the order of their letters and numbers; none where there is no such directory.</summary>
    public IReadOnlyList<string> Entries(string directory)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(Place(directory)).Select(path => Path.GetFileName(path)).OrderBy(name => name.Length).ThenBy(name => name, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    public bool Exists(string path) => Path.Exists(Place(path));

    /// <summary>The value of an option; "" where the library has none of that name.</summary>
    public string Value(string variable) => Probe.Settings.FirstOrDefault(setting => setting.Variable == variable)?.Value ?? "";

    /// <summary>The value of an option that somebody has set; null where it is the default.</summary>
    public string? SetValue(string variable) => Probe.Settings.FirstOrDefault(setting => setting.Variable == variable && setting.IsSet)?.Value;

    private string Place(string path) => Path.Join(root, path.TrimStart('/'));
}
