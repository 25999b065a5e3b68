using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>
/// What a loop does when there is nothing to take: looks again for a while, then yields at each further turn, because a software device needs the processor that the loop would spin on; or, with a
/// completion channel, sleeps until the device wakes it. Now and then it looks at the clock and at the other end: nothing waits for ever.
/// With the channel the order is that of <see cref="Verbs.CompletionChannel"/>: ask for a notification, look once more, sleep, take the events.
/// </summary>
internal sealed class EmptyTurns(RawEnd end, PeerLink link)
{
    /// <summary>
    /// Turns before the first yield, and between two. A look at an empty queue takes some ten nanoseconds, so an adapter's round trip is over before the first yield, and a yield among threads that all
    /// have a processor takes less than a microsecond.
    /// </summary>
    private const int TurnsPerYield = 128;

    private const int YieldsPerLook = 64;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    private int _turns;
    private int _yields;
    private bool _isArmed;
    private bool _moved = true;
    private long _lastMove;
    private long _lastLook;

    /// <summary>Something was there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Moved()
    {
        _turns = 0;
        _moved = true;
    }

    /// <summary>Nothing was there. Returns true now and then: the moment to look at things that are no completions.</summary>
    public bool Turn()
    {
        if (end.Channel is not null)
        {
            return SleepOrArm();
        }

        if (++_turns < TurnsPerYield)
        {
            return false;
        }

        _turns = 0;
        Thread.Yield();
        return ++_yields % YieldsPerLook == 0 && Look();
    }

    private bool SleepOrArm()
    {
        if (!_isArmed)
        {
            end.SendCompletions.RequestNotification();
            end.ReceiveCompletions.RequestNotification();
            _isArmed = true;
            return false;
        }

        if (end.Channel!.Wait(LookInterval))
        {
            while (end.Channel.TryTakeEvent(out _))
            {
                _isArmed = false;
            }

            return false;
        }

        return Look();
    }

    private bool Look()
    {
        long now = Stopwatch.GetTimestamp();
        if (_moved)
        {
            (_moved, _lastMove) = (false, now);
        }

        if (Stopwatch.GetElapsedTime(_lastLook, now) < LookInterval)
        {
            return false;
        }

        _lastLook = now;
        link.Look();
        if (Stopwatch.GetElapsedTime(_lastMove, now) > end.Options.Timeout)
        {
            throw new ToolException(ExitCode.Failed,
                $"{end}: nothing has completed or arrived for {end.Options.Timeout.TotalSeconds:0.###} s, and the other end ({link.Name}) has not given up: check the GIDs (-x) and MTUs of both ends and a firewall on UDP port 4791, or wait longer (--timeout).");
        }

        return true;
    }
}
