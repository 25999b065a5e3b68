namespace RdmaCollectives.Schedules.Verification;

/// <summary>The messages from one rank to another on one channel, oldest first, with as many slots as there are credits.</summary>
internal sealed class Fifo<TValue>(int from, int to, int credits)
    where TValue : struct
{
    private readonly Message<TValue>[] _slots = new Message<TValue>[credits];
    private int _head;

    /// <summary>The lane that sends.</summary>
    public int From { get; } = from;

    /// <summary>The lane that receives.</summary>
    public int To { get; } = to;

    public int Count { get; private set; }

    public bool IsFull => Count == _slots.Length;

    public ref Message<TValue> Oldest => ref _slots[_head];

    /// <summary>Takes a slot, to be filled by the caller.</summary>
    public ref Message<TValue> Push()
    {
        int tail = _head + Count;
        Count++;
        return ref _slots[tail < _slots.Length ? tail : tail - _slots.Length];
    }

    public void Pop()
    {
        _head = _head + 1 < _slots.Length ? _head + 1 : 0;
        Count--;
    }
}
