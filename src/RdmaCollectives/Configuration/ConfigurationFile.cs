using System.Globalization;

namespace RdmaCollectives.Configuration;

/// <summary>The file of <c>RDMACC_CONFIG_FILE</c>: lines <c>RDMACC_NAME = value</c>, <c>#</c> begins a comment line, empty lines are passed over.</summary>
internal sealed class ConfigurationFile
{
    private readonly Dictionary<string, (string Text, string Origin)> _values = new(StringComparer.Ordinal);

    public (string Text, string Origin)? Find(string variable) => _values.TryGetValue(variable, out (string, string) value) ? value : null;

    public static ConfigurationFile Read(string path, OptionInputs inputs, Action<string> problem)
    {
        var file = new ConfigurationFile();
        try
        {
            string[] lines = inputs.ReadFile(path).Split('\n');
            for (int i = 0; i < lines.Length; i++)
            {
                file.Take(lines[i].Trim(), string.Create(CultureInfo.InvariantCulture, $"{path}:{i + 1}"), problem);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem($"The configuration file '{path}' (RDMACC_CONFIG_FILE) can't be read: {e.Message}");
        }

        return file;
    }

    private void Take(string line, string origin, Action<string> problem)
    {
        if (line.Length == 0 || line[0] == '#')
        {
            return;
        }

        int equals = line.IndexOf('=');
        if (equals <= 0)
        {
            problem($"{origin}: this line is not 'name = value', nor a comment that begins with #."); // not quoted: it may hold a secret
            return;
        }

        string name = line[..equals].TrimEnd();
        if (!OptionTable.All.Any(o => string.Equals(o.Variable, name, StringComparison.Ordinal)) || string.Equals(name, OptionTable.ConfigFile.Variable, StringComparison.Ordinal))
        {
            problem($"{origin}: '{name}' is not an option that a file may set. {NearestName.Advice(name)}");
        }
        else if (!_values.TryAdd(name, (line[(equals + 1)..].TrimStart(), origin)))
        {
            problem($"{origin}: '{name}' is set before, at {_values[name].Origin}. Keep one of them.");
        }
    }
}
