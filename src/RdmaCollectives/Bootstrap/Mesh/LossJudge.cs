namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>
/// Decides what the end of a connection, the end of a process, and the words of others mean: a proven death, or a suspicion. No sockets and no clock of its own.
/// <code>
/// closed by the other kernel, unwatched     death, after the time for words where a launcher tells them
/// closed by the other kernel, watched       death once the process is seen to have ended; suspicion if it has not for a while
/// timed out, damaged, given up, overrun     suspicion
/// process seen to have ended, or told so    death, once its connection was read to the end and words have come, or their time has passed
/// </code>
/// </summary>
internal sealed class LossJudge(Action<Peer, string> die, Action<Peer, string> suspect)
{
    /// <summary>How long a death waits for the words of the launcher, and for the end of the connection behind the end of the process.</summary>
    public static readonly TimeSpan WordsTime = TimeSpan.FromMilliseconds(50);

    /// <summary>A process that ends closes its sockets first and is seen to have ended a moment later; on a busy machine that moment is long.</summary>
    public static readonly TimeSpan ProofTime = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// In the overlay: how long word of a rank that no connection can be made to may take, before it is suspected. It has left, most likely, and who knows that may be a few ranks further on.
    /// </summary>
    public static readonly TimeSpan NewsTime = TimeSpan.FromSeconds(15);

    /// <summary>Somebody tells the rendezvous how processes end, and the rendezvous is there to pass it on.</summary>
    public bool ExpectsWords { get; set; }

    /// <summary>The connection of a peer ended, or the one that the rendezvous holds in its place.</summary>
    /// <param name="peer">Whose.</param>
    /// <param name="reason">In words.</param>
    /// <param name="wasClosedThere">Its kernel closed it, as it does when a process ends.</param>
    /// <param name="now">The time.</param>
    public void ConnectionEnded(Peer peer, string reason, bool wasClosedThere, DateTime now)
    {
        if (!peer.IsLiving || peer.EndReason is not null)
        {
            return;
        }

        peer.EndReason = reason;
        if (!wasClosedThere && !peer.IsGone)
        {
            suspect(peer, reason);
            return;
        }

        JudgeWithin(peer, peer.IsGone ? WordsTime : peer.Watch is not null ? ProofTime : ExpectsWords ? WordsTime : TimeSpan.Zero, now);
    }

    /// <summary>No connection to a peer can be made: it is suspected, unless word comes in a while that it has left or is dead.</summary>
    public static void NoWay(Peer peer, string reason, TimeSpan wordTime, DateTime now)
    {
        if (peer.IsLiving && peer.EndReason is null)
        {
            peer.EndReason = reason;
            peer.IsUnproven = true;
            JudgeWithin(peer, wordTime, now);
        }
    }

    /// <summary>It can be reached after all: it connected to this rank.</summary>
    public static void WayFound(Peer peer)
    {
        if (peer.IsUnproven)
        {
            peer.EndReason = null;
            peer.IsUnproven = false;
            peer.JudgeAt = DateTime.MaxValue;
        }
    }

    /// <summary>A peer's process was seen to have ended, or one who saw it says so.</summary>
    public void ProcessEnded(Peer peer, string? words, DateTime now)
    {
        if (peer.State is PeerState.Left or PeerState.Dead || peer.IsLeaving)
        {
            return; // who has said goodbye may end
        }

        peer.IsGone = true;
        peer.Words ??= words;
        JudgeWithin(peer, WordsTime, now);
    }

    /// <summary>Judges where all is known, or the time for it has passed.</summary>
    public void Look(Peer peer, DateTime now)
    {
        if (peer.State is PeerState.Left or PeerState.Dead || peer.IsLeaving)
        {
            peer.JudgeAt = DateTime.MaxValue; // a time that has passed would keep the control thread awake
        }

        if (peer.JudgeAt == DateTime.MaxValue)
        {
            return;
        }

        bool allIsKnown = peer.IsGone && peer.Connection is null && (peer.Words is not null || !ExpectsWords);
        if (!allIsKnown && now < peer.JudgeAt)
        {
            return;
        }

        peer.JudgeAt = DateTime.MaxValue;
        if (peer.IsGone || (peer.Watch is null && !peer.IsUnproven))
        {
            die(peer, peer.Words ?? (peer.IsGone ? "its process ended without a goodbye" : peer.EndReason!));
        }
        else if (peer.IsLiving)
        {
            suspect(peer, peer.IsUnproven ? peer.EndReason! : $"{peer.EndReason}, and its process still runs");
        }
    }

    private static void JudgeWithin(Peer peer, TimeSpan time, DateTime now) => peer.JudgeAt = now + time < peer.JudgeAt ? now + time : peer.JudgeAt;
}
