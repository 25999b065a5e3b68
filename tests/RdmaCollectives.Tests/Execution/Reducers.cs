namespace RdmaCollectives.Tests.Execution;

/// <summary>12 bytes.</summary>
internal record struct Twelve(int X, int Y, int Z);

internal struct TwelveSum : IReducer<Twelve>
{
    public static bool IsCommutative => true;

    public void Reduce(ReadOnlySpan<Twelve> source, Span<Twelve> accumulator)
    {
        for (int i = 0; i < source.Length; i++)
        {
            accumulator[i] = new Twelve(accumulator[i].X + source[i].X, accumulator[i].Y + source[i].Y, accumulator[i].Z + source[i].Z);
        }
    }
}

/// <summary>More than the smallest chunk of 4,096 bytes.</summary>
[System.Runtime.CompilerServices.InlineArray(4100)]
internal struct Huge
{
    private byte _first;
}

internal struct HugeReducer : IReducer<Huge>
{
    public static bool IsCommutative => true;

    public void Reduce(ReadOnlySpan<Huge> source, Span<Huge> accumulator)
    {
    }
}

/// <summary>Does what a test says, once per call of it, on the thread that runs the executor. A reducer is unmanaged, so what it does lies in a static of the test's own thread group.</summary>
internal struct ScriptedReducer(int script) : IReducer<int>
{
    public static readonly System.Collections.Concurrent.ConcurrentDictionary<int, Action> Scripts = new();
    private static int s_next;

    private readonly int _script = script;

    public static bool IsCommutative => true;

    public static ScriptedReducer Of(Action script)
    {
        int number = Interlocked.Increment(ref s_next);
        Scripts[number] = script;
        return new ScriptedReducer(number);
    }

    public void Reduce(ReadOnlySpan<int> source, Span<int> accumulator)
    {
        Scripts[_script]();
        for (int i = 0; i < source.Length; i++)
        {
            accumulator[i] += source[i];
        }
    }
}
