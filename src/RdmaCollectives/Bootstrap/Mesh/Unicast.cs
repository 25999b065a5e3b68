namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>
/// What goes between this rank and another through others, numbered in each direction: what was not received is sent again, and each frame is taken once and in order. No sockets and no clock of its own.
/// <code>
/// sent -> received there (it says up to which number)        sent -> sent again, after a time that doubles, or at once when a rank on the way may have gone
/// </code>
/// </summary>
internal sealed class Unicast
{
    /// <summary>So many may come before one that was sent earlier; more are dropped, and sent again.</summary>
    private const int MostEarly = 1024;

    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(4);

    private readonly Queue<(ulong Number, Frame Frame)> _unreceived = new();
    private readonly Dictionary<ulong, Frame> _early = [];
    private ulong _sent;
    private TimeSpan _wait = s_firstWait;

    /// <summary>How many of this rank's frames the other one has not said to have.</summary>
    public int UnreceivedCount => _unreceived.Count;

    /// <summary>When they are to be sent again.</summary>
    public DateTime SendAgainAt { get; private set; } = DateTime.MaxValue;

    /// <summary>Up to which number this rank has taken the other's frames.</summary>
    public ulong Taken { get; private set; }

    /// <summary>The other rank is to be told <see cref="Taken"/>.</summary>
    public bool IsAnswerDue { get; set; }

    /// <summary>Keeps a frame that is sent now, and gives it its number.</summary>
    public ulong Number(in Frame frame, DateTime now)
    {
        _unreceived.Enqueue((++_sent, frame));
        SendAgainAt = SendAgainAt == DateTime.MaxValue ? now + _wait : SendAgainAt;
        return _sent;
    }

    /// <summary>The other rank has everything up to a number.</summary>
    public void Received(ulong upTo, DateTime now)
    {
        int before = _unreceived.Count;
        while (_unreceived.TryPeek(out (ulong Number, Frame Frame) first) && first.Number <= upTo)
        {
            _unreceived.Dequeue();
        }

        if (_unreceived.Count < before)
        {
            _wait = s_firstWait;
            SendAgainAt = _unreceived.Count == 0 ? DateTime.MaxValue : now + _wait;
        }
    }

    /// <summary>A way has changed: what was on it may be lost.</summary>
    public void Hurry(DateTime now)
    {
        if (_unreceived.Count > 0)
        {
            _wait = s_firstWait;
            SendAgainAt = now;
        }
    }

    /// <summary>What is to be sent again now; empty before its time.</summary>
    public (ulong Number, Frame Frame)[] TakeDue(DateTime now)
    {
        if (now < SendAgainAt)
        {
            return [];
        }

        SendAgainAt = now + _wait;
        _wait = 2 * _wait < s_longestWait ? 2 * _wait : s_longestWait;
        return [.. _unreceived];
    }

    /// <summary>A frame of the other rank came. Those that can be taken now, in order, are given to <paramref name="take"/>.</summary>
    public void Came(ulong number, in Frame frame, Action<Frame> take)
    {
        IsAnswerDue = true;
        if (number <= Taken || _early.Count >= MostEarly)
        {
            return;
        }

        _early.TryAdd(number, frame);
        while (_early.Remove(Taken + 1, out Frame next))
        {
            Taken++;
            take(next);
        }
    }
}
