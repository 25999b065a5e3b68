namespace RdmaCollectives.Schedules.Verification;

/// <summary>Where one channel of one rank is in its program, and what it has cost so far.</summary>
internal struct Lane<TValue>
    where TValue : struct
{
    /// <summary>Whose it is.</summary>
    public int Rank;

    /// <summary>The position of the next step.</summary>
    public int Position;

    /// <summary>The number of steps.</summary>
    public int Count;

    /// <summary>The next step, once <see cref="IsLoaded"/>.</summary>
    public Step Step;

    public bool IsLoaded;

    /// <summary>The FIFO that the step takes from; kept from step to step, as most lanes have one peer.</summary>
    public Fifo<TValue>? Incoming;

    /// <summary>The FIFO that the step gives to.</summary>
    public Fifo<TValue>? Outgoing;

    /// <summary>Where messages in flight were sent from; null until the first.</summary>
    public OpenReadings? Readings;

    /// <summary>The length of the longest chain of messages that has reached the lane.</summary>
    public int Hops;

    public int Messages;

    /// <summary>The chunks that it sent.</summary>
    public long ChunksSent;

    /// <summary>The chunks that it reduced.</summary>
    public long ChunksReduced;

    public readonly bool IsDone => Position == Count;
}
