using Microsoft.Extensions.Logging;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>
/// The thread that moves connections between the rails of a rank: hears of paths that broke, of ports that went down or came up, and of what peers say; works also while the rank is in no call. It has a thread
/// of its own, as what it asks of a device that is failing may take its time, and the control thread must not wait for that.
/// </summary>
internal sealed class PathKeeper
{
    /// <summary>How often it looks at ports, and at messages that nobody in a call waits for.</summary>
    private const int LookMilliseconds = 50;

    private static readonly TimeSpan s_stopTime = TimeSpan.FromSeconds(10);

    private readonly RdmaTransport _transport;
    private readonly IReadOnlyList<RdmaRail> _rails;
    private readonly ISideChannel _side;
    private readonly ILogger _logger;
    private readonly object _gate = new();
    private readonly Queue<Action> _work = new();
    private readonly Dictionary<(int Peer, int Channel), PathEnd> _ends = [];
    private readonly Dictionary<int, uint> _peersUp = [];
    private Thread? _thread;
    private bool _stop;

    public PathKeeper(RdmaTransport transport, IReadOnlyList<RdmaRail> rails, ISideChannel side)
    {
        _transport = transport;
        _rails = rails;
        _side = side;
        _logger = transport.Context.LoggerFactory.CreateLogger<PathKeeper>();
        Up = (uint)((1ul << rails.Count) - 1);
        side.Came = Came;
    }

    /// <summary>The rails whose ports are up.</summary>
    public uint Up { get; private set; }

    // ---- Any thread ----

    /// <summary>From now on this connection is moved where its path fails, if both ends have another rail.</summary>
    public void Watch(RdmaConnection connection)
    {
        if (_transport.RailCount(connection.Peer) < 2)
        {
            return;
        }

        lock (_gate)
        {
            _ends.Add((connection.Peer, connection.Channel), new PathEnd(_transport, connection, this, _side, _logger));
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "rdmacc rails" };
                _thread.Start();
            }
        }
    }

    /// <summary>Whether it can move this connection.</summary>
    public bool Mends(RdmaConnection connection) => Find(connection.Peer, connection.Channel) is { Migration.HasFailed: false };

    /// <summary>The path of a connection has failed.</summary>
    public void Broke(RdmaConnection connection, string why)
    {
        RdmaPath path = connection.Path;
        Put(() =>
        {
            if (connection.Path == path)
            {
                Find(connection.Peer, connection.Channel)?.Leave(isFailure: true, why);
            }
        });
    }

    /// <summary>Nothing is moved any more. False where its thread does not come back from the device.</summary>
    public bool Stop()
    {
        _side.Came = null;
        lock (_gate)
        {
            _stop = true;
            Monitor.PulseAll(_gate);
        }

        return _thread is null || _thread == Thread.CurrentThread || _thread.Join(s_stopTime);
    }

    private void Came(int peer, ReadOnlyMemory<byte> bytes)
    {
        if (PathMessage.TryRead(bytes.Span) is not { } message)
        {
            return; // of another version, which no rank of the communicator has
        }

        Put(() =>
        {
            if (message.Kind == PathMessageKind.Rails)
            {
                _peersUp[peer] = message.Rails.Up;
            }
            else if (message.Kind == PathMessageKind.Home)
            {
                Find(peer, message.Channel)?.PeerWouldGoHome(message.Path);
            }
            else
            {
                Find(peer, message.Channel)?.Migration.Take(message);
            }
        });
    }

    private void Put(Action what)
    {
        lock (_gate)
        {
            _work.Enqueue(what);
            Monitor.PulseAll(_gate);
        }
    }

    private PathEnd? Find(int peer, int channel)
    {
        lock (_gate)
        {
            return _ends.GetValueOrDefault((peer, channel));
        }
    }

    // ---- Its thread ----

    /// <summary>The rails of a peer whose ports are up, as it said last.</summary>
    public uint PeerUp(int peer) => _peersUp.GetValueOrDefault(peer, uint.MaxValue);

    private void Run()
    {
        while (true)
        {
            Action? next = null;
            lock (_gate)
            {
                if (!_stop && _work.Count == 0)
                {
                    Monitor.Wait(_gate, LookMilliseconds);
                }

                if (_stop)
                {
                    return;
                }

                _work.TryDequeue(out next);
            }

            try
            {
                if (next is null)
                {
                    Look();
                }
                else
                {
                    next();
                }
            }
            catch (CollectiveException fenced) when (fenced.Error == Error.Aborted)
            {
                return; // there is nothing to move any more
            }
            catch (Exception unexpected)
            {
                GiveUp($"{unexpected.GetType().Name}: {unexpected.Message}"); // of any kind: nothing may end this thread unnoticed
                return;
            }
        }
    }

    private void GiveUp(string why)
    {
        foreach (PathEnd end in Ends())
        {
            end.GiveUp(why);
        }
    }

    private PathEnd[] Ends()
    {
        lock (_gate)
        {
            return [.. _ends.Values];
        }
    }

    private void Look()
    {
        PathEnd[] ends = Ends();
        LookAtPorts(ends);
        if (Array.Exists(ends, end => !end.Connection.IsQuiet))
        {
            _transport.ProgressExclusively(); // a rank that is in no call would not see that a message of its was lost
        }

        foreach (PathEnd end in ends)
        {
            end.Look();
        }
    }

    private void LookAtPorts(PathEnd[] ends)
    {
        uint up = 0;
        foreach (RdmaRail rail in _rails)
        {
            up |= IsUp(rail) ? 1u << rail.Index : 0;
        }

        uint before = Up;
        Up = up;
        if (up == before)
        {
            return;
        }

        foreach (int peer in ends.Select(end => end.Connection.Peer).Distinct())
        {
            _side.Send(peer, new PathMessage(PathMessageKind.Rails, Channel: 0, Path: 0, new RailSet(up, 0)).ToBytes());
        }

        foreach (PathEnd end in ends)
        {
            if ((up >> end.Migration.Rail & 1) == 0)
            {
                end.Leave(isFailure: true, $"the port of {_rails[end.Migration.Rail].Name} is down");
            }
        }
    }

    private bool IsUp(RdmaRail rail)
    {
        try
        {
            rail.Events.Take(_transport.PeerOf);
            return !rail.Events.IsDead && rail.Port.Device.QueryPort(rail.Port.Attributes.Port).State == PortState.Active;
        }
        catch (VerbsException)
        {
            return false;
        }
    }
}
