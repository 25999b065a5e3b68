using System.Globalization;

namespace RdmaCollectives.Configuration;

/// <summary>One reading of all options: explicit values, inputs, the configuration file, and what was found wrong on the way.</summary>
internal sealed class OptionReader
{
    private readonly OptionInputs _inputs;
    private readonly ConfigurationFile? _file;
    private readonly List<(OptionDefinition? Option, string Problem)> _problems = [];

    public OptionReader(CommunicatorOptions options, OptionInputs inputs)
    {
        Options = options;
        _inputs = inputs;
        string? path = OptionTable.ConfigFile.Find(this).Value;
        if (path is not null)
        {
            _file = ConfigurationFile.Read(path, inputs, problem => Object(OptionTable.ConfigFile, problem));
        }
    }

    public CommunicatorOptions Options { get; }

    public OptionInputs Inputs => _inputs;

    /// <summary>Everything that is wrong, each once, in the order of the table.</summary>
    public IEnumerable<string> Problems => _problems.Select(p => p.Problem).Distinct(StringComparer.Ordinal);

    public (string Text, OptionSource Source, string Origin)? Text(OptionDefinition option)
    {
        if (_inputs.Variable(option.Variable) is { } own)
        {
            return (own, OptionSource.Environment, option.Variable);
        }

        if (option.FromLauncher?.Invoke(_inputs) is { } launcher)
        {
            return (launcher.Text, OptionSource.Environment, launcher.Origin);
        }

        return _file?.Find(option.Variable) is { } line ? (line.Text, OptionSource.File, line.Origin) : null;
    }

    public void Object(OptionDefinition option, string origin, string shown) =>
        Object(option, string.Create(CultureInfo.InvariantCulture, $"{(string.Equals(origin, option.Name, StringComparison.Ordinal) ? option.Name : $"{origin} ({option.Name})")} is '{shown}'; allowed: {option.Allowed}."));

    public void Object(OptionDefinition option, string problem) => _problems.Add((option, problem));

    public string? ProblemOf(OptionDefinition option)
    {
        string[] own = [.. _problems.Where(p => p.Option == option).Select(p => p.Problem).Distinct(StringComparer.Ordinal)];
        return own.Length == 0 ? null : string.Join(' ', own);
    }
}
