namespace RdmaCollectives.Schedules.Verification;

/// <summary>
/// The FIFOs that are in use: those that hold messages, and those that a lane's step names. The rest are free for other pairs of lanes, so that an all-to-all of 10,000 ranks,
/// with its hundred million pairs, needs no more of them than there are lanes.
/// </summary>
internal sealed class FifoMap<TValue>(int lanes, int credits)
    where TValue : struct
{
    private readonly Dictionary<long, Fifo<TValue>> _inUse = [];
    private readonly Stack<Fifo<TValue>> _free = [];

    public IEnumerable<Fifo<TValue>> InUse => _inUse.Values;

    /// <summary>The FIFO between two lanes, held for the caller until <see cref="Release"/>.</summary>
    public Fifo<TValue> Hold(int from, int to)
    {
        if (!_inUse.TryGetValue(Key(from, to), out Fifo<TValue>? fifo))
        {
            fifo = _free.TryPop(out Fifo<TValue>? free) ? free : new Fifo<TValue>(credits);
            fifo.Connect(from, to);
            _inUse.Add(Key(from, to), fifo);
        }

        fifo.Holders++;
        return fifo;
    }

    public void Release(Fifo<TValue>? fifo)
    {
        if (fifo is not null && --fifo.Holders == 0 && fifo.Count == 0)
        {
            _inUse.Remove(Key(fifo.From, fifo.To));
            _free.Push(fifo);
        }
    }

    // A number without gaps. The hash of a long is its halves xor-ed: with a lane in each half, a thousand times a thousand pairs would share a thousand hashes.
    private long Key(int from, int to) => ((long)from * lanes) + to;
}
