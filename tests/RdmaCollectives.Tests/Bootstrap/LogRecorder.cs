using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>Keeps every log message as text.</summary>
internal sealed class LogRecorder : ILoggerFactory, ILogger
{
    public ConcurrentQueue<(LogLevel Level, string Text)> Messages { get; } = new();

    public string[] Warnings => [.. Messages.Where(m => m.Level >= LogLevel.Warning).Select(m => m.Text)];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Messages.Enqueue((logLevel, formatter(state, exception) + exception));

    public void Dispose()
    {
    }
}
