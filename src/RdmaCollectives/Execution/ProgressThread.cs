using System.Runtime.CompilerServices;
using RdmaCollectives.Timing;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Execution;

/// <summary>
/// The one thread of a process that drives queued operations, for all its communicators side by side; it starts with the first of them and is asleep while there are none.
/// A pass never blocks, so ranks of one process can wait for each other here. Continuations never run on it.
/// It takes an engine's token with its first queued operation and gives it back with the last, so that in between nobody else touches the transports that it sleeps on.
/// </summary>
internal sealed class ProgressThread
{
    private static readonly ConditionalWeakTable<Pace, ProgressThread> s_simulated = [];

    private readonly Lock _gate = new();
    private readonly Pace _pace;
    private readonly List<Engine> _added = []; // under the gate
    private readonly List<Engine> _driven = []; // the thread's own, each with its token
    private readonly Waiter _waiter;
    private readonly Signal _work;
    private Transport[] _transports = new Transport[8];
    private int _transportCount;
    private bool _hasStarted;

    private ProgressThread(Pace pace)
    {
        _pace = pace;
        _waiter = new Waiter(new WaitPolicy(TimeSpan.FromMicroseconds(20), TimeSpan.FromMicroseconds(500)), pace);
        _work = new Signal(pace);
    }

    /// <summary>The thread of this process. It holds no state of any communicator beyond the list of those with work.</summary>
    public static ProgressThread Shared { get; } = new(Pace.Real);

    /// <summary>The thread of the process that a pace is of.</summary>
    public static ProgressThread Of(Pace pace) => pace.IsReal ? Shared : s_simulated.GetValue(pace, static simulated => new ProgressThread(simulated));

    private ReadOnlySpan<Transport> Transports => _transports.AsSpan(0, _transportCount);

    /// <summary>The engine has queued work. Idempotent.</summary>
    public void Add(Engine engine)
    {
        bool isNew;
        lock (_gate)
        {
            isNew = !engine.IsScheduled;
            if (isNew)
            {
                engine.IsScheduled = true;
                _added.Add(engine);
                if (!_hasStarted)
                {
                    _hasStarted = true;
                    _pace.Start("rdmacc progress", Run);
                }
            }
        }

        if (isNew)
        {
            _work.Set();
        }

        _waiter.Wake();
    }

    /// <summary>Ends a sleep, so that a fault or a cancellation is looked at.</summary>
    public void Wake() => _waiter.Wake();

    private void Run()
    {
        while (true)
        {
            TakeAdded();
            if (_driven.Count == 0)
            {
                _work.Wait();
                _work.Reset(); // before the look at what was added: who adds does so first, and sets then
                continue;
            }

            bool moved = false;
            bool someAreIdle = false;
            foreach (Engine engine in _driven)
            {
                moved |= engine.DriveQueued();
                someAreIdle |= !engine.HasQueued;
            }

            if (moved || someAreIdle)
            {
                _waiter.Reset(Transports);
            }
            else
            {
                _waiter.Turn(Transports);
            }

            if (someAreIdle)
            {
                ReleaseIdle();
            }
        }
    }

    private void TakeAdded()
    {
        lock (_gate)
        {
            if (_added.Count == 0)
            {
                return;
            }

            _waiter.Reset(Transports);
            foreach (Engine engine in _added)
            {
                // Free: a synchronous call takes it only while nothing is queued, and has given it back before its thread could queue.
                var wait = default(SpinWait);
                while (!engine.Token.TryTake())
                {
                    wait.SpinOnce();
                }

                _driven.Add(engine);
            }

            _added.Clear();
        }

        ListTransports();
    }

    // The waiter is disarmed here, so nothing of these engines is touched once their tokens are back.
    private void ReleaseIdle()
    {
        lock (_gate)
        {
            for (int i = _driven.Count - 1; i >= 0; i--)
            {
                Engine engine = _driven[i];
                if (!engine.HasQueued) // who queues now finds it not scheduled, and adds it again
                {
                    _driven.RemoveAt(i);
                    engine.IsScheduled = false;
                    engine.Token.Release();
                }
            }
        }

        ListTransports();
    }

    private void ListTransports()
    {
        _transportCount = 0;
        foreach (Engine engine in _driven)
        {
            foreach (Transport transport in engine.Transports)
            {
                if (_transportCount == _transports.Length)
                {
                    Array.Resize(ref _transports, 2 * _transportCount);
                }

                _transports[_transportCount++] = transport;
            }
        }

        Array.Clear(_transports, _transportCount, _transports.Length - _transportCount); // none that was disposed stays reachable
    }
}
