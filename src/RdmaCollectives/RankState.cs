namespace RdmaCollectives;

/// <summary>One rank at the time of a fault: part of what every rank is told of it, and the same on all of them.</summary>
public sealed record RankState
{
    /// <summary>The rank in the communicator that is at fault.</summary>
    public required int Rank { get; init; }

    /// <summary>What it did.</summary>
    public required RankActivity Activity { get; init; }

    /// <summary>The same in words, with the call that it was in or had made last: <c>in #5520 Broadcast(Float32, 1024 elements = 4 KiB, root 0) for 12.3 s, waits for rank 0</c>.</summary>
    public required string Doing { get; init; }

    /// <summary>The collective sequence of the last call that it entered; 0 for none, or where it did not say.</summary>
    public ulong LastEntered { get; init; }

    /// <summary>The collective sequence of the last call that it completed; 0 for none, or where it did not say.</summary>
    public ulong LastCompleted { get; init; }
}
