namespace RdmaCollectives.Execution;

/// <summary>
/// When to ask whether the ranks that a stalled call waits for are in the same call at all: 100 ms after it moved last, and then at four times the distance each. Stalls are mostly nothing but a rank
/// that computes.
/// </summary>
internal struct StallClock
{
    private static readonly long First = Ticks.Of(TimeSpan.FromMilliseconds(100));

    private long _since;
    private long _next;

    /// <summary>Something has moved.</summary>
    public void Reset() => _since = 0;

    /// <summary>Whether it is time, at <paramref name="now"/>; the first look since something moved begins the stall.</summary>
    public bool IsTimeToAsk(long now)
    {
        if (_since == 0)
        {
            _since = now;
            _next = First;
            return false;
        }

        if (now - _since < _next)
        {
            return false;
        }

        _next *= 4;
        return true;
    }
}
