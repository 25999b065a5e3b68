using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace RdmaCollectives.Tool.CommandLine;

/// <summary><c>--verbose</c>: the library's log on standard error, and the stack of an error.</summary>
internal static class Verbosity
{
    public static Option<bool> Option { get; } = new("--verbose") { Description = "Show the library's log and the details of errors on standard error.", Recursive = true };

    /// <summary>Null unless the user asked: a log costs time even when nobody reads it.</summary>
    public static ILoggerFactory? Loggers(ParseResult parsed) => !parsed.GetValue(Option) ? null : LoggerFactory.Create(logging => logging
        .SetMinimumLevel(LogLevel.Debug)
        .AddSimpleConsole(console => console.SingleLine = true)
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
}
