using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Execution;

/// <summary>
/// Who waits for whom, by what the ranks say of themselves, and which of them will never move again: no rank outside of their circle can help.
/// <para>
/// A rank goes on if it is not blocked, or if every lane of its call goes on; a lane, if one of the messages that it waits for comes. That one comes if it is under way already (the counts of the two ends
/// differ; a window that is not full counts likewise), or if the peer goes on: the same channel of it where both are in the same collective, else its whole call, as the message is one of a later call.
/// What goes on by these rules is found from those that are not blocked outwards; the rest is stuck. Whoever did not answer, has left, died or is in its own code is not blocked, so that
/// doubt never makes a verdict.
/// </para>
/// <para>
/// Every status is of its own moment. A rank that is found in the same blockage in two looks did not move in between, so between the end of the first look and the beginning of the second all that is
/// said was true at one time; and what is stuck at one time is stuck for ever.
/// </para>
/// </summary>
internal sealed class WaitGraph
{
    private readonly Dictionary<int, RankStatus> _blocked = [];
    private readonly HashSet<(int Rank, int Lane)> _movingLanes = [];
    private readonly HashSet<int> _movingCalls = [];

    /// <param name="statuses">By rank; those that are not blocked may be missing.</param>
    public WaitGraph(IEnumerable<KeyValuePair<int, RankStatus>> statuses)
    {
        foreach ((int rank, RankStatus status) in statuses)
        {
            if (status is { IsInCall: true, Call: not null, Blockage.Awaited.Length: > 0 })
            {
                _blocked[rank] = status;
            }
        }

        while (Spread())
        {
        }
    }

    /// <summary>Whether the call of a rank can never end.</summary>
    public bool IsStuck(int rank) => _blocked.ContainsKey(rank) && !_movingCalls.Contains(rank);

    /// <summary>The ranks that are stuck, in their order, with the number of their blockage.</summary>
    public IEnumerable<(int Rank, ulong Blockage)> Stuck =>
        _blocked.Where(one => !_movingCalls.Contains(one.Key)).OrderBy(one => one.Key).Select(one => (one.Key, one.Value.Blockage!.Number));

    /// <summary>A circle of ranks each of which waits for the next, found from a rank that is stuck; the last waits for the first.</summary>
    public List<int> Circle(int from)
    {
        var path = new List<int>();
        for (int rank = from; ; rank = NextStuck(rank))
        {
            int seen = path.IndexOf(rank);
            if (seen >= 0)
            {
                path.RemoveRange(0, seen);
                int least = path.IndexOf(path.Min());
                return [.. path[least..], .. path[..least]];
            }

            path.Add(rank);
        }
    }

    private int NextStuck(int rank) =>
        _blocked[rank].Blockage!.Awaited.First(wait => !_movingLanes.Contains((rank, wait.Lane)) && !Comes(rank, wait)).Peer;

    // One round; false when nothing more is found to move.
    private bool Spread()
    {
        bool found = false;
        foreach ((int rank, RankStatus status) in _blocked)
        {
            bool all = true;
            foreach (AwaitedMessage wait in status.Blockage!.Awaited)
            {
                if (!_movingLanes.Contains((rank, wait.Lane)) && Comes(rank, wait))
                {
                    found |= _movingLanes.Add((rank, wait.Lane));
                }
            }

            foreach (AwaitedMessage wait in status.Blockage.Awaited)
            {
                all &= _movingLanes.Contains((rank, wait.Lane));
            }

            found |= all && _movingCalls.Add(rank);
        }

        return found;
    }

    private bool Comes(int rank, in AwaitedMessage wait)
    {
        if (!_blocked.TryGetValue(wait.Peer, out RankStatus? peer))
        {
            return true;
        }

        MessageCount theirs = peer.Blockage!.CountOf(rank, wait.Channel);
        bool isUnderWay = wait.Kind switch
        {
            AwaitKind.Receive => theirs.Sent != wait.Count,
            AwaitKind.Behind => false,
            AwaitKind.Credit => wait.Count - theirs.Received < (uint)wait.Window || IsReading(peer, rank, wait.Channel),
            AwaitKind.Drain => wait.Count == theirs.Received || IsReading(peer, rank, wait.Channel),
            _ => true, // of a version that knows more
        };
        if (isUnderWay)
        {
            return true;
        }

        int lane = AreInOneCollective(_blocked[rank], peer) ? LaneOn(peer, wait.Channel) : -1;
        return lane >= 0 ? _movingLanes.Contains((wait.Peer, lane)) : _movingCalls.Contains(wait.Peer);
    }

    private static bool AreInOneCollective(RankStatus one, RankStatus other) =>
        one.Call is { IsTransfer: false } own && other.Call is { IsTransfer: false } theirs && own.Sequence == theirs.Sequence && own.Hash() == theirs.Hash();

    // The peer receives on that very connection: what was sent is still on its way to it.
    private static bool IsReading(RankStatus peer, int from, int channel) =>
        Array.Exists(peer.Blockage!.Awaited, wait => wait.Peer == from && wait.Channel == channel && wait.Kind == AwaitKind.Receive);

    private static int LaneOn(RankStatus status, int channel)
    {
        foreach (AwaitedMessage wait in status.Blockage!.Awaited)
        {
            if (wait.Channel == channel && wait.Kind != AwaitKind.Drain)
            {
                return wait.Lane;
            }
        }

        return -1;
    }
}
