using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>
/// When a sender posted and when its messages were done. Of a run with a number of messages the peak is looked for too, up to as many as perftest does; of a run by the clock the first and
/// last quarter are left out.
/// </summary>
internal sealed class BandwidthTimes
{
    /// <summary>As perftest: the search takes the square of it.</summary>
    private const int MostForPeak = 20_000;

    private readonly long _messages;
    private readonly int _list;
    private readonly long[] _posts;
    private readonly long[] _completions;
    private readonly long[] _completed;
    private readonly long _margin;
    private readonly long _duration;
    private int _postCount;
    private int _completionCount;
    private long _first;
    private long _last;
    private (long Time, long Count) _from;
    private (long Time, long Count) _to;

    /// <param name="messages">The messages of a run over all queue pairs; not used with a duration.</param>
    /// <param name="list">The messages of a post.</param>
    /// <param name="duration">How long to run in place of a number of messages.</param>
    public BandwidthTimes(long messages, int list, TimeSpan? duration)
    {
        (_messages, _list) = (messages, list);
        HasPeak = duration is null && messages <= MostForPeak;
        int room = HasPeak ? (int)messages : 0;
        _posts = new long[(room + list - 1) / list];
        _completions = new long[room];
        _completed = new long[room];
        _duration = (long)((duration ?? TimeSpan.Zero).TotalSeconds * Stopwatch.Frequency);
        _margin = _duration / 4;
    }

    public bool HasPeak { get; }

    public bool IsByClock => _duration > 0;

    public void Begin()
    {
        (_postCount, _completionCount) = (0, 0);
        (_from, _to) = (default, default);
        _first = Stopwatch.GetTimestamp();
    }

    /// <summary>Right before a post.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Posting()
    {
        if (HasPeak)
        {
            _posts[_postCount++] = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Right after completions were taken.</summary>
    /// <param name="count">The messages that are done by now, over all queue pairs.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Completed(long count)
    {
        _last = Stopwatch.GetTimestamp();
        if (HasPeak)
        {
            _completions[_completionCount] = _last;
            _completed[_completionCount++] = count;
        }
    }

    /// <summary>Of a run by the clock: whether the time is over.</summary>
    /// <param name="count">The messages that are done by now.</param>
    public bool IsOver(long count)
    {
        long now = Stopwatch.GetTimestamp(), passed = now - _first;
        if (_from.Time == 0 && passed >= _margin)
        {
            _from = (now, count);
        }

        if (_to.Time == 0 && passed >= _duration - _margin)
        {
            _to = (now, count);
        }

        return passed >= _duration;
    }

    public BandwidthFigures Figures()
    {
        if (IsByClock)
        {
            long count = _to.Count - _from.Count;
            return new BandwidthFigures(count, PerSecond(count, _to.Time - _from.Time), null);
        }

        return HasPeak ? new BandwidthFigures(_messages, PerSecond(_messages, _last - _posts[0]), Peak()) : new BandwidthFigures(_messages, PerSecond(_messages, _last - _first), null);
    }

    private double Peak()
    {
        double peak = 0;
        for (int post = 0; post < _postCount; post++)
        {
            long before = (long)post * _list;
            for (int completion = 0; completion < _completionCount; completion++)
            {
                if (_completed[completion] > before)
                {
                    peak = Math.Max(peak, PerSecond(_completed[completion] - before, _completions[completion] - _posts[post]));
                }
            }
        }

        return peak;
    }

    /// <summary>A clock that has not moved has no rate.</summary>
    private static double PerSecond(long count, long ticks) => ticks <= 0 ? 0 : count * (double)Stopwatch.Frequency / ticks;
}
