using System.Runtime.CompilerServices;
using RdmaCollectives.Execution;
using RdmaCollectives.Simulation.Network;

namespace RdmaCollectives.Simulation.Scheduling;

/// <summary>
/// One thread of a simulated process: a real thread that runs ordinary code, and waits for its <see cref="Baton"/> whenever another one runs. States: running -> parked (until woken, or up to a time) -> runnable -> running; the
/// fields belong to whoever runs.
/// </summary>
internal sealed class Fiber
{
    [ThreadStatic]
    private static Fiber? t_current;

    private readonly Baton _baton = new();
    private Action? _body;
    private Scheduler? _scheduler;

    private Fiber(string name)
    {
        var thread = new Thread(Run, 512 * 1024) { IsBackground = true, Name = name };
        thread.Start();
    }

    /// <summary>The fiber that this thread is; null on threads that are none.</summary>
    public static Fiber? Current => t_current;

    public SimProcess Process { get; private set; } = null!;

    public int Number { get; private set; }

    public string Name { get; private set; } = "";

    /// <summary>Its end is what the simulation waits for; other fibers serve.</summary>
    public bool IsUsers { get; private set; }

    public bool IsParked { get; set; }

    /// <summary>Counts the times it was parked, so that a time-out knows whether it is still meant.</summary>
    public int Parks { get; set; }

    /// <summary>The lock that it waits under, or null.</summary>
    public object? Gate { get; set; }

    public bool IsPulsed { get; set; }

    /// <summary>The process' count of happenings that it has seen; see <see cref="SimPace.Idle"/>.</summary>
    public long Seen { get; set; }

    /// <summary>What it waits for, in words.</summary>
    public string Waits { get; set; } = "";

    /// <summary>Where it was when the simulation found that nothing goes on.</summary>
    public string? Stack { get; set; }

    /// <summary>A thread that is free, or a new one.</summary>
    public static Fiber Rent(Stack<Fiber> free, Scheduler scheduler, SimProcess process, int number, string name, bool isUsers, Action body)
    {
        Fiber fiber = free.Count > 0 ? free.Pop() : new Fiber("fiber");
        fiber._scheduler = scheduler;
        fiber._body = body;
        fiber.Process = process;
        fiber.Number = number;
        fiber.Name = name;
        fiber.IsUsers = isUsers;
        fiber.IsParked = false;
        fiber.Gate = null;
        fiber.IsPulsed = false;
        fiber.Seen = -1;
        fiber.Waits = "";
        fiber.Stack = null;
        return fiber;
    }

    public void Resume() => _baton.Give();

    public void AwaitResume() => _baton.Take();

    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = "t_held")]
    private static extern ref int Held(ProgressToken? token);

    private void Run()
    {
        t_current = this;
        Processor.Pin();
        while (true)
        {
            _baton.Take();
            Scheduler scheduler = _scheduler!;
            try
            {
                _body!();
            }
            catch (UnwindException)
            {
                // Its process died, or the simulation is over.
            }
            catch (StuckException stuck)
            {
                Stack = stuck.StackTrace;
            }
            catch (Exception error)
            {
                scheduler.Fail($"{Name} of rank {Process.Rank} ended by {error}");
            }

            Held(null) = 0; // a thread that ended in the middle of a call may hold a token, and this one will be another's
            scheduler.Ended(this);
        }
    }
}
