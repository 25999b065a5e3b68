using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace RdmaCollectives.Tool.CommandLine;

/// <summary>The kinds of options that the commands have. Each says, for a wrong value, in one line: the value, what is allowed, and the nearest that is.</summary>
internal static class OptionKinds
{
    /// <summary>A whole number within limits.</summary>
    public static Option<int?> Number(string name, string[] aliases, int least, int most, string description) =>
        Make<int?>(name, aliases, description, "N", (text, result) =>
        {
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
            {
                return number;
            }

            result.AddError($"{name} {text}: allowed are {least} to {most}.");
            return null;
        });

    /// <summary>A number of bytes, at least one.</summary>
    public static Option<long?> Bytes(string name, string[] aliases, string description) =>
        Make<long?>(name, aliases, description, "BYTES", (text, result) =>
        {
            if (ByteSize.TryParse(text, out long bytes) && bytes is >= 1 and <= 1L << 40)
            {
                return bytes;
            }

            result.AddError($"{name} {text}: allowed are 1 to 1T bytes; K, M, G and T may follow the number, as in 64M.");
            return null;
        });

    /// <summary>Seconds, with a fraction if need be.</summary>
    public static Option<TimeSpan?> Seconds(string name, double least, double most, string description) =>
        Make<TimeSpan?>(name, [], description, "SECONDS", (text, result) =>
        {
            if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds >= least && seconds <= most)
            {
                return TimeSpan.FromSeconds(seconds);
            }

            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} {text}: allowed are {least} to {most} seconds."));
            return null;
        });

    /// <summary>One of some words; <paramref name="known"/> are those that help and errors list.</summary>
    public static Option<T?> Word<T>(string name, string[] aliases, string description, string[] known, string byDefault, Func<string, T?> parse)
        where T : struct =>
        Make<T?>(name, aliases, $"{description}: {string.Join(", ", known)}. [default: {byDefault}]", name.TrimStart('-').ToUpperInvariant(), (text, result) =>
        {
            T? value = parse(text);
            if (value is null)
            {
                result.AddError($"{name} {text}: allowed are {string.Join(", ", known)}.{Suggestion.For(text, known)}");
            }

            return value;
        });

    /// <summary>Any text.</summary>
    public static Option<string?> Text(string name, string[] aliases, string description, string valueName) => new(name, aliases) { Description = description, HelpName = valueName };

    /// <summary>The transports, as RDMACC_TRANSPORTS takes them.</summary>
    public static Option<string?> Transports(string name, string description)
    {
        string[] known = ["auto", "shm", "tcp", "verbs"];
        return Make<string?>(name, [], description, "TRANSPORT", (text, result) =>
        {
            foreach (string word in text.Split(','))
            {
                if (!known.Contains(word, StringComparer.Ordinal) || (word == "auto" && text != word))
                {
                    result.AddError($"{name} {text}: allowed are auto, or a list of shm, verbs, tcp with commas between.{Suggestion.For(word, known)}");
                    return null;
                }
            }

            return text;
        });
    }

    public static Option<T> Make<T>(string name, string[] aliases, string description, string valueName, Func<string, ArgumentResult, T?> parse) => new(name, aliases)
    {
        Description = description,
        HelpName = valueName,
        CustomParser = result => parse(result.Tokens[0].Value, result),
    };
}
