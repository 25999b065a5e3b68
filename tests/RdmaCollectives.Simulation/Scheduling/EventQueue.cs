namespace RdmaCollectives.Simulation.Scheduling;

/// <summary>What is to happen, by time, and in the order in which it was planned where times are equal: a binary heap.</summary>
internal sealed class EventQueue
{
    private Entry[] _entries = new Entry[256];
    private long _planned;

    public int Count { get; private set; }

    public long NextAt => _entries[0].At;

    /// <param name="At">When.</param>
    /// <param name="Order">The count of what was planned before.</param>
    /// <param name="Fiber">Whose park ends then, or null.</param>
    /// <param name="Park">Which park of it.</param>
    /// <param name="Action">What to do where there is no fiber.</param>
    public readonly record struct Entry(long At, long Order, Fiber? Fiber, int Park, Action? Action)
    {
        public bool IsBefore(in Entry other) => At < other.At || (At == other.At && Order < other.Order);
    }

    public void Add(long at, Action action) => Add(new Entry(at, _planned++, null, 0, action));

    public void Add(long at, Fiber fiber) => Add(new Entry(at, _planned++, fiber, fiber.Parks, null));

    public Entry Take()
    {
        Entry first = _entries[0];
        Entry last = _entries[--Count];
        _entries[Count] = default;
        int hole = 0;
        while ((2 * hole) + 1 < Count)
        {
            int child = (2 * hole) + 1;
            if (child + 1 < Count && _entries[child + 1].IsBefore(_entries[child]))
            {
                child++;
            }

            if (!_entries[child].IsBefore(last))
            {
                break;
            }

            _entries[hole] = _entries[child];
            hole = child;
        }

        if (Count > 0)
        {
            _entries[hole] = last;
        }

        return first;
    }

    public void Clear()
    {
        Array.Clear(_entries, 0, Count);
        Count = 0;
    }

    private void Add(in Entry entry)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, 2 * Count);
        }

        int hole = Count++;
        while (hole > 0 && entry.IsBefore(_entries[(hole - 1) / 2]))
        {
            _entries[hole] = _entries[(hole - 1) / 2];
            hole = (hole - 1) / 2;
        }

        _entries[hole] = entry;
    }
}
