using Spectre.Console;

namespace RdmaCollectives.Tool;

/// <summary>Standard output and error with colours where a terminal reads them (and NO_COLOR is not set), and without line breaks of ours where a program does.</summary>
internal static class Terminal
{
    /// <summary>Wider than anything that we write.</summary>
    private const int NoWrapping = 1000;

    public static IAnsiConsole Output { get; } = Make(Console.Out, Console.IsOutputRedirected);

    public static IAnsiConsole Error { get; } = Make(Console.Error, Console.IsErrorRedirected);

    private static IAnsiConsole Make(TextWriter writer, bool redirected)
    {
        bool isPlain = redirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isPlain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = isPlain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
        });
        if (redirected)
        {
            console.Profile.Width = NoWrapping;
        }

        return console;
    }
}
