using RdmaCollectives.Transports.Rdma;

namespace RdmaCollectives.Tests.Rdma;

/// <summary>
/// Two ends of a connection, each with its real <see cref="PathMigration"/>; rails, queue pairs and the control plane are played. What happens next is drawn from a seed. Messages are numbers, so that a lost,
/// repeated or overtaken one shows.
/// </summary>
internal sealed class PlayedLink
{
    private const int Slots = 4;

    private readonly Random _random;
    private readonly PlayedMistake _mistake;
    private readonly End[] _ends;
    private readonly Queue<PathMessage>[] _control = [new(), new()]; // to each end
    private readonly uint[] _up;
    private readonly int _rails;
    private uint _broken;
    private int _takenBefore;

    public PlayedLink(int seed, int rails, PlayedMistake mistake = PlayedMistake.None)
    {
        _random = new Random(seed);
        _mistake = mistake;
        _rails = rails;
        _up = [(1u << rails) - 1, (1u << rails) - 1];
        _ends = [new End(this, 0, rails), new End(this, 1, rails)];
    }

    public int Moves { get; private set; }

    public int SentAgain { get; private set; }

    public int AcknowledgementsLost { get; private set; }

    /// <summary>How often an end knew of more released messages than the other had said when it stopped.</summary>
    public int HeardEarly { get; private set; }

    /// <summary>Every path loses all.</summary>
    public bool IsHopeless { get; set; }

    public IEnumerable<string> Failures => _ends.Select(end => end.Failure);

    public IEnumerable<int> Rails => _ends.Select(end => end.Migration.Rail);

    /// <summary>Each end has got what the other sent, once and in order, and knows that.</summary>
    public bool IsWhole => _ends.All(end => end.IsWhole(_ends[1 - end.Side]));

    public void AssertWhole(string what) => Assert.True(IsWhole, $"{what}: {string.Join("; ", _ends.Select(end => end.ToString()))}");

    public void SetUp(int rail, bool isUp)
    {
        for (int side = 0; side < 2; side++)
        {
            SetUp(side, rail, isUp);
        }
    }

    public void SetUp(int side, int rail, bool isUp) => _up[side] = isUp ? _up[side] | 1u << rail : _up[side] & ~(1u << rail);

    public void Break(int rail)
    {
        _broken |= 1u << rail;
        Array.ForEach(_ends, end => end.LoseOn(rail));
    }

    public void Mend(int rail)
    {
        _broken &= ~(1u << rail);
        SetUp(rail, isUp: true);
        Array.ForEach(_ends, end => end.Suspect = 0);
    }

    public void Send(int from) => _ends[from].Send();

    public void GiveUp(int side) => _ends[side].Migration.GiveUp();

    public void GoHome() => _ends[0].Migration.Leave(isFailure: false);

    public void Play(int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            Step(_ends[_random.Next(2)], _random.Next(100));
        }
    }

    /// <summary>Everything that is under way ends: what broke is found, control messages arrive, messages and acknowledgements too.</summary>
    public void Settle()
    {
        for (int turn = 0; turn < 300; turn++)
        {
            foreach (End end in _ends)
            {
                end.FindTheBreak();
                TakeControl(end);
                end.Deliver(_ends[1 - end.Side]);
                end.Acknowledge();
                end.Release();
            }
        }
    }

    private void Step(End end, int what)
    {
        switch (what)
        {
            case < 25:
                end.Send();
                break;
            case < 50:
                end.Deliver(_ends[1 - end.Side]);
                break;
            case < 65:
                end.Acknowledge();
                break;
            case < 75:
                end.Release();
                break;
            case < 90:
                TakeControl(end);
                break;
            case < 94:
                end.FindTheBreak();
                break;
            case < 96:
                int rail = end.Migration.Rail;
                if (_broken == 0 && Array.TrueForAll(_ends, one => one.Migration.IsUp) && HasMovedOn())
                {
                    Break(rail); // one at a time, so there is always another, and not before something came across
                }

                break;
            case < 98:
                if (_broken != 0)
                {
                    Mend(int.Log2((int)_broken));
                }

                break;
            default:
                if (end.Migration.IsUp && end.Migration.Rail != end.Migration.Home && (_broken >> end.Migration.Home & 1) == 0)
                {
                    end.Migration.Leave(isFailure: false);
                }

                break;
        }
    }

    // Now and then, while no rail is broken, and not before something came across: where nothing is left a connection ends, which has a test of its own.
    private bool Refuses() => !IsHopeless && _broken == 0 && _random.Next(20) == 0 && HasMovedOn();

    private bool HasMovedOn()
    {
        int before = _takenBefore;
        _takenBefore = _ends.Sum(end => end.TakenCount);
        return _takenBefore > before;
    }

    private void TakeControl(End end)
    {
        if (_control[end.Side].TryDequeue(out PathMessage message))
        {
            end.Migration.Take(PathMessage.TryRead(message.ToBytes())!.Value);
        }
    }

    private sealed class End : IPathEnd
    {
        private readonly PlayedLink _link;
        private readonly List<int> _sent = [];
        private readonly List<int> _taken = [];
        private QueuePair _queuePair = new(0, 0) { IsConnected = true };
        private int _completed;
        private int _posted;
        private int _released;
        private int _releasedThere;
        private bool _isUp = true;

        public End(PlayedLink link, int side, int rails)
        {
            _link = link;
            Side = side;
            Migration = new PathMigration(channel: 0, home: 0, rails, this);
        }

        public int Side { get; }

        public PathMigration Migration { get; }

        public string Failure { get; private set; } = "";

        public uint Suspect { get; set; }

        public int TakenCount => _taken.Count;

        /// <summary>A device whose port went down says so, and the other end's knows nothing of it.</summary>
        public string Said => string.Join("; ", Enumerable.Range(0, _link._rails).Where(rail => (_link._up[Side] >> rail & 1) == 0).Select(rail => $"rail {rail} of side {Side} said: the port went down"));

        public RailSet Rails => new(_link._up[Side], Suspect);

        private End Other => _link._ends[1 - Side];

        public void Send()
        {
            if (_sent.Count - _releasedThere < Slots && _sent.Count - _completed < Slots && Failure.Length == 0)
            {
                _sent.Add(_sent.Count);
                Post();
            }
        }

        /// <summary>The oldest message of this end's queue pair arrives, or never will.</summary>
        public void Deliver(End to)
        {
            if (_queuePair.UnderWay.Count == 0 || IsDark)
            {
                return;
            }

            QueuePair there = to._queuePair;
            bool takes = there.Path == _queuePair.Path && there.IsConnected && (!there.IsInError || _link._mistake == PlayedMistake.AnswersBeforeItHasStopped);
            if (takes)
            {
                to._taken.Add(_queuePair.UnderWay.Dequeue());
                _queuePair.Unacknowledged++;
            }
        }

        /// <summary>The acknowledgement of the oldest message that has arrived comes back.</summary>
        public void Acknowledge()
        {
            if (_queuePair.Unacknowledged > 0 && !_queuePair.IsInError && !IsDark)
            {
                _queuePair.Unacknowledged--;
                _completed++;
            }
        }

        /// <summary>This end gives a message back, and the other hears of it.</summary>
        public void Release()
        {
            if (_released < _taken.Count)
            {
                _released++;
                if (_isUp && Other._queuePair.Path == _queuePair.Path && Other._queuePair.IsConnected && !IsDark) // it is written into the other's memory, which may not know yet that this end goes on
                {
                    Other._releasedThere = Math.Max(Other._releasedThere, _released);
                }
            }
        }

        /// <summary>The retries run out, or the port's state is seen.</summary>
        public void FindTheBreak()
        {
            if (_isUp && IsDark && (_queuePair.UnderWay.Count > 0 || _queuePair.Unacknowledged > 0 || (_link._up[Side] >> _queuePair.Rail & 1) == 0 || Side == 0))
            {
                Migration.Leave(isFailure: true);
            }
        }

        public void LoseOn(int rail)
        {
            if (_queuePair.Rail == rail)
            {
                _link.AcknowledgementsLost += _queuePair.Unacknowledged;
            }
        }

        public bool IsWhole(End other) => Failure.Length == 0 && _isUp && _completed == _sent.Count && other._taken.SequenceEqual(_sent);

        public MessageCounts Stop(int failed)
        {
            _isUp = false;
            _queuePair.IsInError = true;
            Suspect |= failed >= 0 ? 1u << failed : 0;
            return new MessageCounts((ulong)_sent.Count, (ulong)_taken.Count, (ulong)_released);
        }

        public RdmaEndpoint? Open(int rail, uint path)
        {
            _link.Moves++;
            _queuePair = new QueuePair(path, rail);
            return _link.Refuses() ? null : new RdmaEndpoint(default, path, 0, (uint)rail);
        }

        public bool Connect(in RdmaEndpoint remote)
        {
            Assert.Equal(_queuePair.Path, remote.FirstMessageAddress);
            Assert.Equal((uint)_queuePair.Rail, remote.RemoteKey);
            _queuePair.IsConnected = true;
            if (_link._mistake == PlayedMistake.SendsBeforeTheOtherIsReady)
            {
                _isUp = true;
                Post();
            }

            return !_link.Refuses();
        }

        public void Resume(in MessageCounts there)
        {
            int arrived = (int)there.Arrived;
            Assert.True(there.IsPossible((ulong)_sent.Count, (ulong)_completed), $"{there} where {_sent.Count} were sent and {_completed} completed");
            Assert.True(there.Released <= (ulong)Other._released);
            _link.HeardEarly += there.Released < (ulong)_releasedThere ? 1 : 0;
            int from = _link._mistake switch
            {
                PlayedMistake.SendsAgainWhatHasArrived => _completed,
                PlayedMistake.ForgetsWhatWasUnderWay => _posted,
                _ => arrived,
            };
            _link.SentAgain += Math.Max(0, _posted - from);
            _completed = arrived;
            _posted = from;
            _releasedThere = Math.Max(_releasedThere, (int)there.Released);
            _isUp = true;
            Post();
        }

        public void Send(in PathMessage message) => _link._control[1 - Side].Enqueue(message);

        public void Fail(string reason) => Failure = reason;

        public override string ToString() => $"end {Side} on rail {Migration.Rail}, path {Migration.Path}, {(Migration.IsUp ? "up" : "moving")}: sent {_sent.Count}, completed {_completed}, taken {string.Join(' ', _taken)}; {Failure}";

        private bool IsDark => _link.IsHopeless || (_link._broken >> _queuePair.Rail & 1) != 0;

        private void Post()
        {
            while (_isUp && _posted < _sent.Count)
            {
                int message = _sent[_posted++];

                // What reaches a queue pair that is not connected yet is dropped there, and the sender's retries with it.
                if (Other._queuePair.Path == _queuePair.Path && Other._queuePair.IsConnected)
                {
                    _queuePair.UnderWay.Enqueue(message);
                }
            }
        }
    }

    private sealed record QueuePair(uint Path, int Rail)
    {
        public Queue<int> UnderWay { get; } = new();

        public int Unacknowledged { get; set; }

        public bool IsConnected { get; set; }

        public bool IsInError { get; set; }
    }
}
