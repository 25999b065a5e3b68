namespace RdmaCollectives.Fuzz.Engine;

/// <summary>Ends the process, with the input that it hangs in, when one input takes far too long: nothing else can end a parser that never returns.</summary>
internal sealed class Watchdog : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _parser;
    private readonly Timer _timer;
    private byte[]? _input;
    private long _begun;

    public Watchdog(string parser)
    {
        _parser = parser;
        _timer = new Timer(_ => Look(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public void Begin(byte[] input)
    {
        Volatile.Write(ref _begun, Environment.TickCount64);
        Volatile.Write(ref _input, input);
    }

    public void End() => Volatile.Write(ref _input, null);

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (Volatile.Read(ref _input) is { } input && Environment.TickCount64 - Volatile.Read(ref _begun) > Patience.TotalMilliseconds)
        {
            Environment.FailFast($"The parser {_parser} hangs in {Convert.ToHexStringLower(input)}");
        }
    }
}
