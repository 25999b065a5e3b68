namespace RdmaCollectives.Schedules.Verification;

/// <summary>The messages from one lane to another, oldest first, with as many slots as there are credits.</summary>
internal sealed class Fifo<TValue>(int credits)
    where TValue : struct
{
    private Message<TValue>[] _slots = new Message<TValue>[Math.Min(credits, 2)];
    private int _head;

    /// <summary>The lane that sends.</summary>
    public int From { get; private set; }

    /// <summary>The lane that receives.</summary>
    public int To { get; private set; }

    /// <summary>How many of the two lanes have it as the FIFO of their step.</summary>
    public int Holders { get; set; }

    public int Count { get; private set; }

    public bool IsFull => Count == credits;

    public ref Message<TValue> Oldest => ref _slots[_head];

    /// <summary>Gives an empty FIFO to a pair of lanes.</summary>
    public void Connect(int from, int to)
    {
        From = from;
        To = to;
    }

    /// <summary>Takes a slot, to be filled by the caller.</summary>
    public ref Message<TValue> Push()
    {
        if (Count == _slots.Length)
        {
            Grow();
        }

        int tail = _head + Count;
        Count++;
        return ref _slots[tail < _slots.Length ? tail : tail - _slots.Length];
    }

    public void Pop()
    {
        _head = _head + 1 < _slots.Length ? _head + 1 : 0;
        Count--;
    }

    // Credits are declared, and may be many; the slots are as many as are used at a time.
    private void Grow()
    {
        var slots = new Message<TValue>[Math.Min(credits, 2 * Count)];
        for (int i = 0; i < Count; i++)
        {
            slots[i] = _slots[(_head + i) % Count];
        }

        _slots = slots;
        _head = 0;
    }
}
