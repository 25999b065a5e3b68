using Microsoft.Extensions.Logging;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>A program's log that fails at every warning, as one does whose disk is full.</summary>
internal sealed class FaultyLoggers : ILoggerFactory, ILogger
{
    public const string Reason = "there is no space for the log";

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => throw new IOException(Reason);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
