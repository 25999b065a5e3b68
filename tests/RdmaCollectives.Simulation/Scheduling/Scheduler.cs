using System.Text;
using RdmaCollectives.Simulation.Faults;
using RdmaCollectives.Simulation.Network;

namespace RdmaCollectives.Simulation.Scheduling;

/// <summary>
/// Runs the threads of a simulation one at a time, and the clock. Whoever runs holds the baton; at every point a generator decides whether another one goes on, and what is due by then happens first, on the thread
/// that runs. When nobody can go on the clock jumps to what is next; when there is nothing next the simulation is stuck, and says who waits for what.
/// </summary>
internal sealed class Scheduler
{
    /// <summary>So much time passes in no program here: a hang.</summary>
    private const long LongestRun = 400L * Second;

    /// <summary>More points than any program passes: somebody runs in a circle.</summary>
    private const int MostPoints = 3_000_000;

    public const long Microsecond = 1_000;
    public const long Millisecond = 1_000 * Microsecond;
    public const long Second = 1_000 * Millisecond;

    private readonly Stack<Fiber> _free;
    private readonly List<Fiber> _live = [];
    private readonly List<Fiber> _runnable = [];
    private readonly Baton _driver = new();
    private readonly int _switchOneIn;
    private int _users;
    private int _started;
    private bool _isStuck;

    public Scheduler(SeededRandom random, Stack<Fiber> free)
    {
        Random = random;
        _free = free;
        _switchOneIn = random.Pick(2, 6, 20, 60);
    }

    public SeededRandom Random { get; }

    public EventQueue Events { get; } = new();

    /// <summary>Nanoseconds, from a second on.</summary>
    public long Now { get; private set; } = Second;

    public int Points { get; private set; }

    /// <summary>Over all that happened, in order: two runs of a seed have the same.</summary>
    public ulong TraceHash { get; private set; } = 14695981039346656037;

    /// <summary>Gets a line for everything that happens, where someone wants to read it.</summary>
    public Action<string>? Trace { get; init; }

    /// <summary>What is wrong; the first is what counts.</summary>
    public List<string> Failures { get; } = [];

    public bool IsOver { get; private set; }

    /// <summary>An event runs: what it calls may not wait.</summary>
    public bool IsInEvent { get; private set; }

    /// <summary>Looked at before each point passes.</summary>
    public required Action<PointKind, SimProcess> AtPoint { get; init; }

    public void Fail(string what)
    {
        Failures.Add(what);
        Note(what);
    }

    public void Note(string what) => Trace?.Invoke($"{Now / 1e6,12:0.000000} ms  {(IsInEvent ? "event" : Fiber.Current is { } fiber ? $"{fiber.Process.Rank}.{fiber.Number}" : "-"),-6} {what}");

    /// <summary>A new thread of a process.</summary>
    public void Start(SimProcess process, string name, bool isUsers, Action body)
    {
        Fiber fiber = Fiber.Rent(_free, this, process, _started++, name, isUsers, body);
        _live.Add(fiber);
        _users += isUsers ? 1 : 0;
        _runnable.Add(fiber);
    }

    /// <summary>Runs until all user's threads have ended; the others are ended then. From a thread that is no fiber.</summary>
    public void Run(TimeSpan longest)
    {
        if (Pick() is { } first)
        {
            first.Resume();
            if (!_driver.TryTake(longest))
            {
                throw new TimeoutException($"The simulation did not end within {longest.TotalSeconds:0} s of real time: a thread of it waits for another without passing a point.\n{Describe()}");
            }
        }
    }

    /// <summary>A point in the running code: time passes, what is due happens, faults are put here, and perhaps another thread goes on. Does nothing but look in an event.</summary>
    public void Point(PointKind kind, SimProcess process)
    {
        Points++;
        Mix(((ulong)kind << 56) ^ ((ulong)process.Rank << 48) ^ (ulong)Now);
        AtPoint(kind, process);
        if (IsInEvent)
        {
            return;
        }

        if (Fiber.Current is not { } self)
        {
            return; // the one who sets the simulation up
        }

        if (Trace is not null)
        {
            Note($"{kind}");
        }

        Now += Random.Next(2048);
        RunDue();
        ThrowIfEnded(self);
        if (self.Process.IsPausedAt(Now))
        {
            ParkUntil(self, self.Process.PausedUntil, "paused");
        }
        else if (_runnable.Count > 0 && Random.OneIn(_switchOneIn))
        {
            _runnable.Add(self);
            Pass(self);
            ThrowIfEnded(self);
        }

        if (Points > MostPoints && !IsOver)
        {
            Stuck($"more than {MostPoints} points passed");
            ThrowIfEnded(self);
        }
    }

    /// <summary>The running fiber waits until it is woken, at most until a time.</summary>
    public void ParkUntil(Fiber self, long time, string waits)
    {
        ThrowIfEnded(self);
        self.IsParked = true;
        self.Parks++;
        self.Waits = waits;
        if (time < long.MaxValue)
        {
            Events.Add(time, self);
        }

        Pass(self);
        ThrowIfEnded(self);
    }

    /// <summary>A parked fiber may go on.</summary>
    public void Wake(Fiber fiber)
    {
        if (fiber.IsParked)
        {
            fiber.IsParked = false;
            _runnable.Add(fiber);
        }
    }

    /// <summary>All fibers of a process wake up, to find that it has died.</summary>
    public void WakeAll(SimProcess process)
    {
        foreach (Fiber fiber in _live)
        {
            if (fiber.Process == process)
            {
                Wake(fiber);
            }
        }
    }

    /// <summary>Wakes the fibers that wait under a lock.</summary>
    public void Pulse(object gate)
    {
        foreach (Fiber fiber in _live)
        {
            if (ReferenceEquals(fiber.Gate, gate))
            {
                fiber.IsPulsed = true;
                Wake(fiber);
            }
        }
    }

    /// <summary>On its own thread: the fiber's body has returned. Somebody else goes on.</summary>
    public void Ended(Fiber fiber)
    {
        _live.Remove(fiber);
        _users -= fiber.IsUsers ? 1 : 0;
        if (_isStuck)
        {
            _report.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"{fiber.Name} of rank {fiber.Process.Rank} waits: {fiber.Waits}\n{fiber.Stack}");
        }

        Fiber? next = Pick();
        _free.Push(fiber);
        if (next is null)
        {
            if (_isStuck)
            {
                Failures.Add(_report.ToString());
            }

            _driver.Give();
        }
        else
        {
            next.Resume();
        }
    }

    private readonly StringBuilder _report = new();

    public string Describe()
    {
        var text = new StringBuilder();
        foreach (Fiber fiber in _live)
        {
            text.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"{fiber.Name} of rank {fiber.Process.Rank}: {(fiber.IsParked ? "waits: " + fiber.Waits : "runs")}");
        }

        return text.ToString();
    }

    private void Pass(Fiber self)
    {
        Fiber next = Pick()!; // this one has not ended, so there is one
        if (next != self)
        {
            next.Resume();
            self.AwaitResume();
        }
    }

    // Who goes on; null when all have ended.
    private Fiber? Pick()
    {
        while (true)
        {
            RunDue();
            if (_runnable.Count > 0)
            {
                int place = Random.Next(_runnable.Count);
                Fiber fiber = _runnable[place];
                _runnable[place] = _runnable[^1];
                _runnable.RemoveAt(_runnable.Count - 1);
                if (!IsOver && fiber.Process.IsPausedAt(Now))
                {
                    fiber.IsParked = true;
                    fiber.Parks++;
                    Events.Add(fiber.Process.PausedUntil, fiber);
                    continue;
                }

                return fiber;
            }

            if (_live.Count == 0)
            {
                return null;
            }

            if (_users == 0 && !IsOver)
            {
                End();
            }
            else if (Events.Count == 0)
            {
                Stuck("deadlock: nobody can go on, and nothing is to happen");
            }
            else
            {
                Now = Events.NextAt;
                if (Now > LongestRun)
                {
                    Stuck($"hang: {LongestRun / Second} s of virtual time have passed");
                }
            }
        }
    }

    private void RunDue()
    {
        while (Events.Count > 0 && Events.NextAt <= Now)
        {
            EventQueue.Entry entry = Events.Take();
            if (entry.Fiber is { } fiber)
            {
                if (fiber.Parks == entry.Park)
                {
                    Wake(fiber);
                }

                continue;
            }

            bool wasInEvent = IsInEvent;
            IsInEvent = true;
            try
            {
                entry.Action!();
            }
            catch (Exception error)
            {
                Fail($"an event threw {error}");
            }

            IsInEvent = wasInEvent;
        }
    }

    private void Stuck(string why)
    {
        Fail(why);
        _isStuck = true;
        End();
    }

    private void End()
    {
        IsOver = true;
        Events.Clear();
        foreach (Fiber fiber in _live)
        {
            Wake(fiber);
        }
    }

    private void ThrowIfEnded(Fiber self)
    {
        if (IsOver)
        {
            throw _isStuck ? new StuckException() : new UnwindException();
        }

        if (self.Process.IsDead)
        {
            throw new UnwindException();
        }
    }

    private void Mix(ulong value) => TraceHash = (TraceHash ^ value) * 1099511628211;
}
