using System.Diagnostics;
using System.Runtime.CompilerServices;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Execution.Interop;
using RdmaCollectives.Timing;
using RdmaCollectives.Transports;
using static RdmaCollectives.Bootstrap.Interop.Libc;
using static RdmaCollectives.Memory.Interop.Libc;

namespace RdmaCollectives.Execution;

/// <summary>
/// How one thread waits for its transports: spin, then yield, then sleep in the kernel. The loop that uses it looks like this:
/// <code>
/// while (!done) { if (advance()) waiter.Reset(); else waiter.Turn(transports, count); }
/// </code>
/// States: Spin -> Yield -> Armed -> (one more look by the caller) -> asleep -> Yield. Arming comes before the last look, so a message that arrives between the two
/// makes the sleep return at once (the publisher's half is in each transport). A sleep lasts at most <see cref="LongestSleep"/>: the fault flag is seen by then even if no wake came.
/// Where time is simulated all of this is one <see cref="Pace.Idle"/>.
/// </summary>
internal sealed unsafe class Waiter : IDisposable
{
    /// <summary>Upper bound of one sleep. Short enough for every bound on fault latency, long enough to cost nothing (10 wakes a second).</summary>
    public static readonly TimeSpan LongestSleep = TimeSpan.FromMilliseconds(100);

    /// <summary>The sleep where a transport cannot wake us.</summary>
    private static readonly TimeSpan ShortSleep = TimeSpan.FromMicroseconds(100);

    /// <summary>Turns between two looks at the clock (a look costs about as much as a turn).</summary>
    private const int TurnsPerClock = 16;

    private readonly Pace? _simulated;
    private readonly WakeEvent? _wake; // null where time is simulated
    private readonly pollfd* _polls;
    private readonly long _spinTicks;
    private readonly long _yieldTicks; // 0: sleep at once
    private readonly int _looksPerYield;
    private readonly bool _pauses;
    private readonly long _longestSleepTicks = (long)(LongestSleep.TotalSeconds * Stopwatch.Frequency);
    private IFutexSleeper? _futex;
    private long _idleSince;
    private int _turns;
    private bool _spinning = true;
    private bool _armed;
    private bool _settled; // in this wait
    private bool _canBeWoken;

    /// <summary>The most transports that a sleep covers; beyond them it is short.</summary>
    public const int MaximumTransports = 64;

    public Waiter(WaitPolicy policy, Pace pace)
    {
        if (!pace.IsReal)
        {
            _simulated = pace;
            return;
        }

        _wake = new WakeEvent();
        _spinTicks = Ticks.Of(policy.Spin);
        _yieldTicks = Ticks.Of(policy.Spin + policy.Yield);
        _looksPerYield = policy.LooksPerYield;
        _pauses = policy.Pauses;
        _polls = (pollfd*)System.Runtime.InteropServices.NativeMemory.AllocZeroed(MaximumTransports + 1, (nuint)sizeof(pollfd));
    }

    /// <summary>Progress was made: the next wait starts with spinning. Disarms where a sleep was about to begin.</summary>
    public void Reset(ReadOnlySpan<Transport> transports)
    {
        _turns = 0;
        _spinning = true;
        _settled = false;
        if (_armed)
        {
            Disarm(transports);
        }
    }

    /// <summary>Nothing was there: wait a little, in the way that fits how long we have waited already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Turn(ReadOnlySpan<Transport> transports)
    {
        if (_armed)
        {
            Sleep(transports);
            return;
        }

        if (_simulated is not null)
        {
            _simulated.Idle(LongestSleep);
            return;
        }

        int turn = _turns++;
        if (turn == 0)
        {
            _idleSince = 0;
            _spinning = _spinTicks > 0;
        }

        if (_yieldTicks == 0)
        {
            Arm(transports);
            return;
        }

        if (turn % TurnsPerClock == TurnsPerClock - 1)
        {
            long now = Stopwatch.GetTimestamp();
            _idleSince = _idleSince == 0 ? now : _idleSince; // the first look begins the wait: a short one needs no clock
            long idle = now - _idleSince;
            _spinning = idle < _spinTicks;
            if (idle >= _yieldTicks)
            {
                Arm(transports);
                return;
            }
        }

        if (!_spinning)
        {
            Settle(transports);
        }

        if (!_spinning && turn % _looksPerYield == 0)
        {
            Thread.Yield();
        }
        else if (_pauses && turn >= TurnsPerClock)
        {
            Thread.SpinWait(1);
        }
    }

    /// <summary>Wakes the sleeper from any thread.</summary>
    public void Wake()
    {
        _simulated?.Wake();
        _wake?.Set();
        Volatile.Read(ref _futex)?.WakeSelf();
    }

    public void Dispose()
    {
        _wake?.Dispose();
        System.Runtime.InteropServices.NativeMemory.Free(_polls);
    }

    // Nobody may sleep over what this thread has sent when it lets others have the processor.
    private void Settle(ReadOnlySpan<Transport> transports)
    {
        if (!_settled)
        {
            _settled = true;
            foreach (Transport transport in transports)
            {
                transport.Settle();
            }
        }
    }

    private void Arm(ReadOnlySpan<Transport> transports)
    {
        Settle(transports);
        _canBeWoken = transports.Length <= MaximumTransports;
        foreach (Transport transport in transports)
        {
            _canBeWoken &= transport.PrepareSleep();
        }

        _armed = true;
    }

    private void Disarm(ReadOnlySpan<Transport> transports)
    {
        foreach (Transport transport in transports)
        {
            transport.EndSleep();
        }

        _armed = false;
    }

    private void Sleep(ReadOnlySpan<Transport> transports)
    {
        if (_canBeWoken && transports.Length == 1 && transports[0] is IFutexSleeper sleeper)
        {
            Volatile.Write(ref _futex, sleeper);
            sleeper.FutexSleep(LongestSleep);
        }
        else
        {
            Poll(transports);
        }

        Disarm(transports);
        _turns = 1; // look again with yields before the next sleep
        _spinning = false;
        _idleSince = Stopwatch.GetTimestamp() - _spinTicks;
    }

    private void Poll(ReadOnlySpan<Transport> transports)
    {
        _polls[0] = new pollfd { fd = _wake!.Descriptor, events = POLLIN };
        int count = 1;
        foreach (Transport transport in transports)
        {
            if (count <= MaximumTransports)
            {
                _polls[count++] = new pollfd { fd = transport.SleepDescriptor, events = POLLIN }; // a negative descriptor is ignored by poll
            }
        }

        TimeSpan bound = _canBeWoken ? LongestSleep : ShortSleep;
        var timeout = new timespec { tv_nsec = (long)(bound.TotalMicroseconds * 1000) };
        if (Libc.ppoll(_polls, (nuint)count, &timeout, null) > 0 && _polls[0].revents != 0)
        {
            _wake!.Clear();
        }
    }
}
