using System.Diagnostics;

namespace RdmaCollectives.Diagnostics;

/// <summary>
/// The one thread of a process that writes dumps that nobody waits for: at a fault, and at SIGQUIT. It starts with the first communicator that has a dump directory; without one there is neither the thread
/// nor a handler of the signal. Who asks only leaves a note; a process that ends first waits a moment for dumps that are under way.
/// </summary>
internal sealed class DumpThread
{
    /// <summary>How long the end of the process waits for dumps that were asked for.</summary>
    private static readonly TimeSpan LastWait = TimeSpan.FromSeconds(2);

    private readonly object _gate = new();
    private readonly HashSet<FlightDump> _dumps = [];
    private readonly Queue<(FlightDump Dump, string Reason)> _asked = new();
    private QuitSignal? _signal;
    private Thread? _thread;
    private bool _isWriting;

    /// <summary>The thread of this process.</summary>
    public static DumpThread Shared { get; } = new();

    /// <summary>From now on the communicator dumps at SIGQUIT.</summary>
    public void Add(FlightDump dump)
    {
        lock (_gate)
        {
            _dumps.Add(dump);
            _signal ??= new QuitSignal(OnSignal);
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "rdmacc dumps" };
                _thread.Start();
                AppDomain.CurrentDomain.ProcessExit += (_, _) => WaitUntilWritten(LastWait);
                AppDomain.CurrentDomain.UnhandledException += (_, _) => WaitUntilWritten(LastWait);
            }
        }
    }

    /// <summary>The communicator is gone; with the last one SIGQUIT means again what it meant.</summary>
    public void Remove(FlightDump dump)
    {
        QuitSignal? last = null;
        lock (_gate)
        {
            if (_dumps.Remove(dump) && _dumps.Count == 0)
            {
                (last, _signal) = (_signal, null);
            }
        }

        last?.Dispose(); // may wait for a handler, which takes the lock
    }

    /// <summary>Asks for a dump. Any thread; does not wait for it.</summary>
    public void Ask(FlightDump dump, string reason)
    {
        lock (_gate)
        {
            _asked.Enqueue((dump, reason));
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until no dump is asked for, at most for so long.</summary>
    public bool WaitUntilWritten(TimeSpan longest)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            while (_isWriting || _asked.Count > 0)
            {
                double left = (longest - Stopwatch.GetElapsedTime(start)).TotalMilliseconds;
                if (left <= 0)
                {
                    return false;
                }

                Monitor.Wait(_gate, (int)left + 1);
            }

            return true;
        }
    }

    private void OnSignal()
    {
        lock (_gate)
        {
            foreach (FlightDump dump in _dumps)
            {
                _asked.Enqueue((dump, "signal"));
            }

            Monitor.PulseAll(_gate);
        }
    }

    private void Run()
    {
        while (true)
        {
            FlightDump dump;
            string reason;
            lock (_gate)
            {
                _isWriting = false;
                Monitor.PulseAll(_gate);
                while (_asked.Count == 0)
                {
                    Monitor.Wait(_gate);
                }

                (dump, reason) = _asked.Dequeue();
                _isWriting = true;
            }

            dump.WriteToDirectory(reason);
        }
    }
}
