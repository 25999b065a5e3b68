using System.Globalization;

namespace RdmaCollectives.Fuzz;

/// <summary>The command line: <c>--inputs N --seed N --parsers a,b --minutes N --report FILE --keep DIR --coverage --missed</c>.</summary>
internal sealed record FuzzArguments
{
    public const string Usage =
        """
        Feeds malformed input to every parser of what arrives from elsewhere, and reports what it finds.
          --inputs N       inputs per parser (100000)
          --seed N         the same seed gives the same inputs (1)
          --parsers A,B    these only
          --minutes N      the most time for one parser
          --coverage       count the basic blocks that ran, and let new ones steer
          --missed         with it, name the lines that never ran
          --keep DIR       add to the corpus there what reached new code, or broke something
          --report FILE    the results as JSON
        """;

    public long Inputs { get; private set; } = 100_000;

    public int Seed { get; private set; } = 1;

    public IReadOnlyList<string> Parsers { get; private set; } = [];

    public double Minutes { get; private set; } = 60;

    public bool Coverage { get; private set; }

    public bool Missed { get; private set; }

    public string? Keep { get; private set; }

    public string? Report { get; private set; }

    /// <exception cref="FormatException">An argument is not known or has no value.</exception>
    public static FuzzArguments Parse(string[] arguments)
    {
        var result = new FuzzArguments();
        for (int i = 0; i < arguments.Length; i++)
        {
            string Value() => ++i < arguments.Length ? arguments[i] : throw new FormatException($"{arguments[i - 1]} needs a value");
            switch (arguments[i])
            {
                case "--inputs": result.Inputs = long.Parse(Value(), CultureInfo.InvariantCulture); break;
                case "--seed": result.Seed = int.Parse(Value(), CultureInfo.InvariantCulture); break;
                case "--parsers": result.Parsers = Value().Split(','); break;
                case "--minutes": result.Minutes = double.Parse(Value(), CultureInfo.InvariantCulture); break;
                case "--coverage": result.Coverage = true; break;
                case "--missed": result.Missed = true; break;
                case "--keep": result.Keep = Value(); break;
                case "--report": result.Report = Value(); break;
                default: throw new FormatException($"'{arguments[i]}' is not known");
            }
        }

        return result;
    }
}
