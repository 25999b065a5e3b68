using RdmaCollectives.Transports;

namespace RdmaCollectives.Execution;

/// <summary>
/// The one thread of a process that drives queued operations, for all its communicators side by side; it starts with the first of them and is asleep while there are none.
/// A pass never blocks, so ranks of one process can wait for each other here. Continuations never run on it.
/// </summary>
internal sealed class ProgressThread
{
    private readonly Lock _gate = new();
    private readonly List<Engine> _active = [];
    private readonly Waiter _waiter = new(new WaitPolicy(TimeSpan.FromMicroseconds(20), TimeSpan.FromMicroseconds(500)));
    private readonly AutoResetEvent _work = new(false);
    private Engine[] _snapshot = [];
    private Transport[] _transports = [];
    private bool _changed;
    private Thread? _thread;

    /// <summary>The thread of this process. It holds no state of any communicator beyond the list of those with work.</summary>
    public static ProgressThread Shared { get; } = new();

    /// <summary>The engine has queued work. Idempotent.</summary>
    public void Add(Engine engine)
    {
        lock (_gate)
        {
            if (_active.Contains(engine))
            {
                _waiter.Wake();
                return;
            }

            _active.Add(engine);
            _changed = true;
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "rdmacc progress" };
                _thread.Start();
            }
        }

        _work.Set();
        _waiter.Wake();
    }

    /// <summary>Ends a sleep, so that a fault or a cancellation is looked at.</summary>
    public void Wake() => _waiter.Wake();

    private void Run()
    {
        while (true)
        {
            Refresh();
            if (_snapshot.Length == 0)
            {
                _waiter.Reset(_transports);
                _work.WaitOne();
                continue;
            }

            bool moved = false;
            foreach (Engine engine in _snapshot)
            {
                moved |= Drive(engine);
            }

            if (moved)
            {
                _waiter.Reset(_transports);
            }
            else
            {
                _waiter.Turn(_transports);
            }
        }
    }

    // Holds the token only for the pass: what is in the queue keeps synchronous calls in line behind it.
    private bool Drive(Engine engine)
    {
        if (!engine.TryTakeToken())
        {
            return false;
        }

        bool moved = engine.DriveQueued();
        bool more = engine.HasQueued;
        engine.ReleaseToken();
        if (!more)
        {
            Remove(engine);
        }

        return moved;
    }

    private void Remove(Engine engine)
    {
        lock (_gate)
        {
            if (!engine.HasQueued) // an Add after this sees it gone and adds it again
            {
                _active.Remove(engine);
                _changed = true;
            }
        }
    }

    private void Refresh()
    {
        lock (_gate)
        {
            if (!_changed)
            {
                return;
            }

            _changed = false;
            _waiter.Reset(_transports);
            _snapshot = [.. _active];
            var transports = new List<Transport>();
            foreach (Engine engine in _snapshot)
            {
                transports.AddRange(engine.Transports);
            }

            _transports = [.. transports];
        }
    }
}
