namespace RdmaCollectives.Tool.Perf;

/// <summary>What is being measured, on standard error where that is a terminal. No thread and no timer: those would be measured too.</summary>
internal sealed class ProgressLine
{
    private const string BackToStart = "\r\u001b[K";

    private readonly bool _isShown = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    public void Show(string text) => Write($"{BackToStart}{text}");

    public void Clear() => Write(BackToStart);

    private void Write(string text)
    {
        if (_isShown)
        {
            Console.Error.Write(text);
        }
    }
}
