namespace RdmaCollectives.Diagnostics;

/// <summary>What a rank does, as it tells those who ask. Written by whoever asks it of itself: the control thread, while the rank's own threads go on.</summary>
internal sealed record RankStatus
{
    /// <summary>Inside a call.</summary>
    public required bool IsInCall { get; init; }

    /// <summary>The call that was entered last, or null before the first.</summary>
    public CallDescription? Call { get; init; }

    /// <summary>How long it has been where it is: in the call, or in its own code.</summary>
    public TimeSpan For { get; init; }

    /// <summary>The last collective that was completed, by its sequence.</summary>
    public ulong LastCompleted { get; init; }

    /// <summary>Calls that are queued behind the one that runs.</summary>
    public int Queued { get; init; }

    /// <summary>What the call waits for, once it has stalled; null while it moves.</summary>
    public Blockage? Blockage { get; init; }

    /// <summary>The call under the sequence that was asked for, where it is still known.</summary>
    public CallDescription? Asked { get; init; }

    /// <summary>What the process does in another communicator while it is in no call of this one, else null.</summary>
    public CallDescription? Elsewhere { get; init; }

    /// <summary>The collective that was entered last, by its sequence.</summary>
    public ulong LastEntered => Call?.Sequence ?? 0;
}
