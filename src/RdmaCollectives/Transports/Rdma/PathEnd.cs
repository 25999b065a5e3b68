using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>This rank's end of one connection as its <see cref="PathMigration"/> moves it. Everything on the keeper's thread.</summary>
internal sealed class PathEnd : IPathEnd
{
    /// <summary>How long a connection keeps away from a rail whose port went down: that it is up again is seen.</summary>
    private static readonly TimeSpan s_firstBackOff = TimeSpan.FromSeconds(1);

    /// <summary>The same where the port stayed up and nothing came through: that it is well can only be tried, and what does not come through costs seconds of retries.</summary>
    private static readonly TimeSpan s_silentBackOff = TimeSpan.FromSeconds(5);

    /// <summary>Each time soon after the last doubles it, up to so many times.</summary>
    private const int MostBackOff = 64;

    /// <summary>Both ends tell each other three things over the control plane; who says nothing for so long does not come back.</summary>
    private static readonly TimeSpan s_moveTime = TimeSpan.FromSeconds(10);

    private readonly RdmaTransport _transport;
    private readonly RdmaConnection _connection;
    private readonly PathKeeper _keeper;
    private readonly ISideChannel _side;
    private readonly ILogger _logger;
    private readonly long[] _suspectUntil;
    private RdmaPath? _next;
    private readonly QueuePairAddress _homeAddress;
    private TimeSpan _backOff; // the last
    private bool _isWayFound;
    private uint? _peerWouldLeave; // the path that it would leave for the home rail
    private long _leftAt;
    private long _failedAt;

    public PathEnd(RdmaTransport transport, RdmaConnection connection, PathKeeper keeper, ISideChannel side, ILogger logger)
    {
        _transport = transport;
        _connection = connection;
        _keeper = keeper;
        _side = side;
        _logger = logger;
        int rails = transport.RailCount(connection.Peer);
        _suspectUntil = new long[rails];
        _homeAddress = connection.Path.Remote.QueuePair;
        Migration = new PathMigration(connection.Channel, connection.Channel % rails, rails, this);
    }

    public PathMigration Migration { get; }

    public RdmaConnection Connection => _connection;

    public RailSet Rails
    {
        get
        {
            long now = Stopwatch.GetTimestamp();
            uint suspect = 0;
            for (int rail = 0; rail < _suspectUntil.Length; rail++)
            {
                suspect |= now < _suspectUntil[rail] ? 1u << rail : 0;
            }

            return new RailSet(_keeper.Up & ((1u << _suspectUntil.Length) - 1), suspect);
        }
    }

    public string Said
    {
        get
        {
            StringBuilder said = new();
            for (int rail = 0; rail < _suspectUntil.Length; rail++)
            {
                if (_transport.Trouble(_transport.Rail(rail)) is { } one && Encoding.UTF8.GetByteCount(one) + said.Length + 2 <= PathMessage.MostSaidBytes) // names of devices and addresses are ASCII
                {
                    said.Append(said.Length == 0 ? "" : "; ").Append(one);
                }
            }

            return said.ToString();
        }
    }

    /// <summary>The path is left: it has failed, or another one is better.</summary>
    public void Leave(bool isFailure, string reason)
    {
        if (Migration.IsUp)
        {
            RdmaLog.Leaving(_logger, _transport.Context.Rank, _connection.Peer, _connection.Channel, Name(Migration.Rail), reason);
        }

        Migration.Leave(isFailure);
    }

    /// <summary>What time brings: back to the rail that it belongs on, or no answer.</summary>
    public void Look()
    {
        if (Migration.HasFailed)
        {
            return;
        }

        if (!Migration.IsUp)
        {
            if (Stopwatch.GetElapsedTime(_leftAt) > s_moveTime)
            {
                Migration.Fail($"rank {_connection.Peer} did not go along with it within {s_moveTime.TotalSeconds:0} s");
            }
        }
        else if (_connection.HasFailed)
        {
            Migration.Fail("");
        }
        else if (Migration.Rail != Migration.Home && Rails.Trusts(Migration.Home) && (_keeper.PeerUp(_connection.Peer) >> Migration.Home & 1) != 0)
        {
            GoHome();
        }
    }

    /// <summary>Nothing is moved any more: a path that fails later is the fault that it would be with a single rail, and one that has been left, or has broken and not been left yet, is one now.</summary>
    public void GiveUp(string why)
    {
        Migration.GiveUp();
        bool isUp = true;
        _transport.Exclusively(() => isUp = _connection.IsUp); // a path that breaks from here on finds that nobody mends it
        if (!isUp)
        {
            Fail(why);
        }
    }

    /// <summary>The other end would leave a path for the home rail.</summary>
    public void PeerWouldGoHome(uint path) => _peerWouldLeave = path;

    public MessageCounts Stop(int failed)
    {
        _leftAt = Stopwatch.GetTimestamp();
        _isWayFound = false;
        if (failed >= 0)
        {
            Suspect(failed);
        }

        if (_next is null && !Migration.IsUp)
        {
            MessageCounts counts = default; // the device gave no queue pair: the path before it has been stopped
            _transport.Exclusively(() => counts = _connection.Counts);
            return counts;
        }

        _next = null;
        return _transport.Halt(_connection);
    }

    public RdmaEndpoint? Open(int rail, uint path)
    {
        try
        {
            RdmaPath next = _transport.CreatePath(_connection, _transport.Rail(rail), path);
            _transport.Exclusively(() => _connection.Adopt(next));
            _next = next;
            return next.Endpoint;
        }
        catch (Exception refused) when (refused is VerbsException or CollectiveException { Error: not Error.Aborted })
        {
            RdmaLog.NotOpened(_logger, _transport.Context.Rank, _connection.Peer, _connection.Channel, Name(rail), refused.Message);
            return null;
        }
    }

    public bool Connect(in RdmaEndpoint remote)
    {
        try
        {
            _transport.Connect(_next!, remote, _transport.ProgressExclusively);
            return true;
        }
        catch (Exception refused) when (refused is VerbsException or CollectiveException)
        {
            RdmaLog.NotOpened(_logger, _transport.Context.Rank, _connection.Peer, _connection.Channel, Name(Migration.Rail), refused.Message);
            return false;
        }
    }

    public void Resume(in MessageCounts there)
    {
        MessageCounts from = there;
        ulong again = 0;
        _next = null;
        _transport.Exclusively(() =>
        {
            again = _connection.Counts.Sent - from.Arrived;
            _connection.Resume(from);
        });
        _side.WakeSleepers();
        RdmaLog.Moved(_logger, _transport.Context.Rank, _connection.Peer, _connection.Channel, Name(Migration.Rail), (long)Stopwatch.GetElapsedTime(_leftAt).TotalMilliseconds, again);
    }

    public void Send(in PathMessage message) => _side.Send(_connection.Peer, message.ToBytes());

    public void Fail(string reason)
    {
        _transport.Exclusively(() => _connection.Fail(reason));
        _side.WakeSleepers();
    }

    private string Name(int rail) => _transport.Rail(rail).Name;

    // Both ends ask for the way, the higher rank says when it has found it, and the lower one goes. Traffic goes on meanwhile: a network that is just up again answers a second late.
    private void GoHome()
    {
        if (!_isWayFound)
        {
            FindWayHome();
        }
        else if (_peerWouldLeave == Migration.Path && _transport.Context.Rank < _connection.Peer)
        {
            Leave(isFailure: false, $"{Name(Migration.Home)} is up again");
        }
    }

    private void FindWayHome()
    {
        try
        {
            _transport.FindWay(_connection.Peer, _transport.Rail(Migration.Home), _homeAddress);
            _isWayFound = true;
            if (_transport.Context.Rank > _connection.Peer)
            {
                Send(new PathMessage(PathMessageKind.Home, _connection.Channel, Migration.Path));
            }
        }
        catch (VerbsException noWay)
        {
            RdmaLog.NotOpened(_logger, _transport.Context.Rank, _connection.Peer, _connection.Channel, Name(Migration.Home), noWay.Message);
            Suspect(Migration.Home);
        }
    }

    private void Suspect(int rail)
    {
        bool isUp = (_keeper.Up & _keeper.PeerUp(_connection.Peer) & (1u << rail)) != 0; // a peer says that its port is down before it leaves the path
        TimeSpan first = isUp ? s_silentBackOff : s_firstBackOff;
        TimeSpan quiet = Stopwatch.GetElapsedTime(_failedAt);
        _failedAt = Stopwatch.GetTimestamp();
        _backOff = quiet > 4 * _backOff || 2 * _backOff < first ? first : 2 * _backOff < MostBackOff * first ? 2 * _backOff : MostBackOff * first;
        _suspectUntil[rail] = _failedAt + (long)(_backOff.TotalSeconds * Stopwatch.Frequency);
    }
}
