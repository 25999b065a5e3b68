namespace RdmaCollectives.Architecture.Tests;

/// <summary>One of each kind of member, for the test of <see cref="PublicSurface"/>.</summary>
public class Samples : IDisposable
{
    public const int Limit = 7;

    public event EventHandler? Changed;

    public enum Colour : byte
    {
        Red = 3,
    }

    public string Item { get; protected set; } = "";

    public static unsafe IReadOnlyList<string?>? Find<T>(ReadOnlySpan<T> values, in int first, out string? text, byte* raw = default)
        where T : unmanaged, IEquatable<T>
    {
        text = null;
        return values.Length > first && raw == null ? [null] : null;
    }

    public virtual void Run(int count = 2, params int[] rest) => Changed?.Invoke(this, EventArgs.Empty);

    public void Dispose() => GC.SuppressFinalize(this);

    protected void Stop() => Internal();

    internal void Internal() => Item = "internal members are not told";

    public readonly struct Point
    {
        public required int? X { get; init; }
    }
}
