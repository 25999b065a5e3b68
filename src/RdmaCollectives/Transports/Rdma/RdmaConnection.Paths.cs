namespace RdmaCollectives.Transports.Rdma;

/// <summary>From one path to the next. All but <see cref="PathBroke"/> is called by the <see cref="PathKeeper"/>, while nobody is inside the transport's gate.</summary>
internal sealed unsafe partial class RdmaConnection
{
    /// <summary>The path that it uses, or is to use.</summary>
    public RdmaPath Path => _path;

    /// <summary>There is no way left, or the peer did what it may not.</summary>
    public bool HasFailed => _failure is not null;

    /// <summary>Messages go by the current path; else they wait for the next one.</summary>
    public bool IsUp => _isUp;

    public MessageCounts Counts => new(_sent, _arrived, _released);

    /// <summary>The current path is used no more; what it has taken is counted as it is polled. Messages wait from now on.</summary>
    public void Halt()
    {
        _isUp = false;
        _path.Fence();
    }

    /// <summary>What comes by this path from now on is the connection's.</summary>
    public void Adopt(RdmaPath path) => _path = path;

    /// <summary>The other end is told <see cref="MessageCounts.Released"/>, so it need not be told by a credit.</summary>
    public void Told(in MessageCounts counts) => _releasedTold = counts.Released;

    /// <summary>Messages go by the current path: first, again, those that have not arrived. What has arrived is as good as completed, whether or not its acknowledgement came.</summary>
    /// <param name="there">How far the other end was when it had stopped.</param>
    public void Resume(in MessageCounts there)
    {
        if (!there.IsPossible(_sent, _sentCompleted))
        {
            Break(0, $"rank {Peer} says that {there.Arrived} messages have arrived and {there.Released} of them were released, where {_sent} were sent and {_sentCompleted} acknowledged");
            return;
        }

        _sentCompleted = there.Arrived;
        _releasedByPeer.TakeLine(there.Released);
        _isUp = true;
        for (ulong message = there.Arrived; message < _sent && _isUp; message++)
        {
            PostMessage(message);
        }

        if (_released - _releasedTold >= (ulong)_creditThreshold)
        {
            ReturnCredit();
        }
    }

    /// <summary>What the rank throws when it next needs the connection.</summary>
    public void Fail(string why) => Break(_pathStatus, _pathFailure is null ? why : $"{_pathFailure}; {why}");

    // The path has failed: where there is another rail, that is for the keeper to mend.
    private void PathBroke(int status, string why)
    {
        why = _transport.WithTrouble(_path.Rail, why);
        _pathFailure = why;
        _pathStatus = status;
        if (_transport.Keeper is { } keeper && keeper.Mends(this))
        {
            _isUp = false;
            keeper.Broke(this, why);
        }
        else
        {
            Break(status, why);
        }
    }
}
