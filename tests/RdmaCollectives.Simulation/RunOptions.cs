using System.Globalization;

namespace RdmaCollectives.Simulation;

/// <summary>What the command line says; see <see cref="Program"/>.</summary>
internal sealed class RunOptions
{
    private readonly string[] _arguments;

    /// <exception cref="FormatException">An argument is not known, or has no value.</exception>
    public RunOptions(string[] arguments)
    {
        _arguments = arguments;
        string[] known = ["--seed", "--quiet", "--seeds", "--for", "--workers", "--go-on", "--every-point", "--planted", "--processor"];
        foreach (string argument in arguments)
        {
            if (argument.StartsWith("--", StringComparison.Ordinal) && !known.Contains(argument, StringComparer.Ordinal))
            {
                throw new FormatException($"'{argument}' is not an option. There are: {string.Join(", ", known)}.");
            }
        }

        string[] range = (Value("--seeds") ?? "0..1000").Split("..");
        First = ulong.Parse(range[0], CultureInfo.InvariantCulture);
        End = range.Length == 2 ? ulong.Parse(range[1], CultureInfo.InvariantCulture) : throw new FormatException("--seeds takes a range such as 0..1000.");
        Seed = Value("--seed") is { } seed ? ulong.Parse(seed, CultureInfo.InvariantCulture) : null;
        Longest = TimeSpan.FromSeconds(double.Parse(Value("--for") ?? "86400", CultureInfo.InvariantCulture));
        Workers = int.Parse(Value("--workers") ?? "1", CultureInfo.InvariantCulture);
        Processor = int.Parse(Value("--processor") ?? "-1", CultureInfo.InvariantCulture);
        Planted = Value("--planted") is { } bug
            ? Enum.TryParse(bug, out Planted planted) ? planted : throw new FormatException($"'{bug}' is not planted. There are: {string.Join(", ", Enum.GetNames<Planted>())}.")
            : Planted.None;
    }

    public ulong? Seed { get; }

    public ulong First { get; }

    public ulong End { get; }

    public TimeSpan Longest { get; }

    public int Workers { get; }

    public int Processor { get; }

    public Planted Planted { get; }

    public bool IsQuiet => Has("--quiet");

    public bool GoesOn => Has("--go-on");

    public bool WantsEveryPoint => Has("--every-point");

    private bool Has(string name) => _arguments.Contains(name, StringComparer.Ordinal);

    private string? Value(string name)
    {
        int place = Array.IndexOf(_arguments, name);
        return place < 0 ? null : place + 1 < _arguments.Length ? _arguments[place + 1] : throw new FormatException($"{name} takes a value.");
    }
}
