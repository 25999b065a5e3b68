namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>Where another rank of the job stands, as seen from this one.</summary>
internal enum PeerState
{
    /// <summary>It is alive, for all that is known.</summary>
    Living = 0,

    /// <summary>It said goodbye.</summary>
    Left = 1,

    /// <summary>Contact was lost, and its process may live.</summary>
    Suspected = 2,

    /// <summary>Its process has certainly ended, and all that came from it was delivered.</summary>
    Dead = 3,
}

/// <summary>
/// Another rank of the job.
/// <code>
/// living -> left | dead | suspected        suspected -> dead, when the proof comes later
/// </code>
/// </summary>
internal sealed class Peer(MemberIdentity identity)
{
    public MemberIdentity Identity => identity;

    public int Rank => identity.Rank;

    public PeerState State { get; set; }

    public bool IsLiving => State == PeerState.Living;

    /// <summary>The connection to it, once it is confirmed.</summary>
    public MeshConnection? Connection { get; set; }

    /// <summary>There is to be a connection of its own, or the rendezvous in place of one. False: it is reached through other ranks.</summary>
    public bool IsDirect { get; set; }

    /// <summary>The rendezvous passes on what the two say.</summary>
    public bool IsRelayed { get; set; }

    /// <summary>Its connection is still to be made.</summary>
    public bool IsAwaited => IsDirect && IsThere && Connection is null && !IsRelayed;

    /// <summary>It lives, has not said goodbye, and nothing is known against a way to it: frames may go to it and through it.</summary>
    public bool IsThere => IsLiving && !IsLeaving && EndReason is null;

    /// <summary>When a connection that is still awaited is given up and the pair relayed.</summary>
    public DateTime ConnectBy { get; set; } = DateTime.MaxValue;

    /// <summary>What is to be sent once there is a connection.</summary>
    public Queue<Frame> Waiting { get; } = new();

    /// <summary>Tells when its process ends, where that can be told from here.</summary>
    public ProcessWatch? Watch { get; set; }

    // ---- What is known of its end; LossJudge decides by it ----

    /// <summary>Why its connection ended; null while it has not.</summary>
    public string? EndReason { get; set; }

    /// <summary>Its connection did not end by its kernel, so that nothing is known of its process.</summary>
    public bool IsUnproven { get; set; }

    /// <summary>Its process has certainly ended.</summary>
    public bool IsGone { get; set; }

    /// <summary>How it ended, by who saw it: its launcher, or another rank.</summary>
    public string? Words { get; set; }

    /// <summary>When what is known must do.</summary>
    public DateTime JudgeAt { get; set; } = DateTime.MaxValue;

    /// <summary>It said goodbye, and what it sent before may still be on its way; from then on it has left.</summary>
    public DateTime LeavesAt { get; set; } = DateTime.MaxValue;

    public bool IsLeaving => LeavesAt != DateTime.MaxValue;

    /// <summary>It has answered this rank's goodbye.</summary>
    public bool HeardGoodbye { get; set; }
}
