namespace RdmaCollectives.Diagnostics;

/// <summary>One call as the <see cref="FlightRecorder"/> keeps it. Times are those of <see cref="System.Diagnostics.Stopwatch"/>; 0 stands for not yet.</summary>
internal struct FlightEntry
{
    /// <summary>The place among all recorded calls of the communicator, from 1.</summary>
    public ulong Number;

    public CallDescription Call;

    /// <summary>The schedule of a collective; null for transfers.</summary>
    public string? Algorithm;

    public long Entered;

    /// <summary>When the first message went out or came in, to the precision of a pass: of the first pass, the entry itself.</summary>
    public long FirstByte;

    /// <summary>When the last message was through and nobody read this rank's memory any more.</summary>
    public long Ended;

    /// <summary>The rank that was waited for longest, or -1.</summary>
    public int AwaitedRank;

    /// <summary>How long in all, in ticks. Waits of a few passes are not seen.</summary>
    public long Waited;

    public FlightOutcome Outcome;
}
