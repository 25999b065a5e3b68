namespace RdmaCollectives.Schedules.Verification;

/// <summary>The values of a range of chunks: offset in the range and value, offsets rising. In a proof by sample, chunks that are not in the sample are not listed.</summary>
internal sealed class Payload<TValue>
    where TValue : struct
{
    private (int Offset, TValue Value)[] _entries = new (int, TValue)[1];

    public int Count { get; private set; }

    public ref (int Offset, TValue Value) this[int index] => ref _entries[index];

    public ReadOnlySpan<(int Offset, TValue Value)> Entries => _entries.AsSpan(0, Count);

    public void Add(int offset, in TValue value)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, 2 * Count);
        }

        _entries[Count++] = (offset, value);
    }

    public void Clear() => Count = 0;
}
