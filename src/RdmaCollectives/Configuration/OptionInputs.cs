using System.Collections;

namespace RdmaCollectives.Configuration;

/// <summary>What options are read from beside the program: environment and files. Given from outside, so that tests have their own.</summary>
internal sealed class OptionInputs(IReadOnlyDictionary<string, string> environment, Func<string, string> readFile)
{
    public static OptionInputs OfThisProcess()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            environment[(string)entry.Key] = (string?)entry.Value ?? "";
        }

        return new OptionInputs(environment, File.ReadAllText);
    }

    public IEnumerable<string> Names => environment.Keys;

    /// <summary>The variable's value; null when it is not set or empty, as a launcher's template may leave it.</summary>
    public string? Variable(string name) => environment.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;

    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public string ReadFile(string path) => readFile(path);
}
