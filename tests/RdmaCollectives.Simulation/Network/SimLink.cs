using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Execution;
using RdmaCollectives.Simulation.Faults;
using RdmaCollectives.Simulation.Scheduling;

namespace RdmaCollectives.Simulation.Network;

/// <summary>
/// The control link of a simulated process. Frames of one pair of ranks keep their order and take their time; those of different pairs overtake each other. A process that dies takes with it some of what it has sent last; one whose link is lost hears
/// nothing more, and is dead to the others.
/// </summary>
internal sealed class SimLink : ControlLink
{
    private readonly SimProcess _process;
    private readonly SimWorld _world;
    private readonly Queue<Action<SimLink>>[] _from; // by sender: what is on its way to this one
    private ReadOnlyMemory<byte>? _lastAnswer; // for a bug that is planted
    private bool _isClosed;
    private bool _hasCome;

    public SimLink(SimWorld world, SimProcess process)
        : base(process.Rank, world.Ranks, process.Pace)
    {
        _world = world;
        _process = process;
        _from = [.. Enumerable.Range(0, world.ProcessCount).Select(_ => new Queue<Action<SimLink>>())];
    }

    private bool IsDown => _process.IsDead || _process.IsCutOff;

    public override bool TrySend(in Frame frame)
    {
        _process.Point(PointKind.FrameSend);
        if (IsDown)
        {
            return false;
        }

        if (frame.Kind == FrameKind.Fault)
        {
            CheckFence();
            if (_world.Planted == Planted.FaultToldToNobody)
            {
                return true;
            }
        }

        Frame sent = frame with { Peer = Rank, Scope = _world.Planted == Planted.NoScopeCheck ? 0 : frame.Scope };
        for (int peer = 0; peer < _world.ProcessCount; peer++)
        {
            if (peer == frame.Peer || (frame.Peer < 0 && peer != Rank && peer < WorldSize))
            {
                Pass(peer, link => link.Receive(sent));
            }
        }

        return true;
    }

    /// <summary>The process has died, or (<paramref name="isProven"/> is false) is cut off: the others hear of it, each in its own time, and what was sent last may be lost.</summary>
    public void GoDown(string how, bool isProven)
    {
        var loss = new Fault
        {
            Error = Error.PeerDied,
            Reporter = -1,
            Peer = Rank,
            Message = $"Rank {Rank} {(isProven ? "died" : "cannot be reached")}: {how}.",
        };
        for (int peer = 0; peer < _world.ProcessCount; peer++)
        {
            if (peer == Rank)
            {
                continue;
            }

            Queue<Action<SimLink>> underWay = _world[peer].Link._from[Rank];
            int kept = !_world.LosesLastFrames || _world.Random.OneIn(2) ? underWay.Count : _world.Random.Between(0, underWay.Count);
            Action<SimLink>[] all = [.. underWay];
            underWay.Clear();
            foreach (Action<SimLink> frame in all[..kept])
            {
                underWay.Enqueue(frame);
            }

            if (_world.Planted != Planted.DeathNotToldToAll || peer != (Rank + 1) % WorldSize)
            {
                Pass(peer, link => link.Lost(Rank, loss, isProven), _world.Random.Between(1, 100) * Scheduler.Millisecond);
            }
        }
    }

    /// <summary>Nobody can be reached any more, as this process sees it.</summary>
    public void CutOff()
    {
        for (int peer = 0; peer < _world.ProcessCount; peer++)
        {
            if (peer != Rank)
            {
                ProcessUnreachable(peer, new Fault { Error = Error.PeerDied, Reporter = -1, Peer = peer, Message = $"Rank {peer} cannot be reached." });
            }
        }
    }

    /// <summary>A newcomer has joined: it waits to be taken in, and the others hear of it, each in its own time.</summary>
    public void Come()
    {
        if (_world.Planted != Planted.EarlyFramesLost)
        {
            BeginSplit(); // until it has its communicator
        }

        foreach (SimProcess earlier in _world.Processes.Where(other => other.Rank >= WorldSize && other.Rank != Rank && other.Link._hasCome))
        {
            NewcomerCame(earlier.Rank);
        }

        _hasCome = true;
        TellAll(link => link.NewcomerCame(Rank));
    }

    protected override void SayGoodbye() => TellAll(link => link.ProcessLeft(Rank));

    protected override void Close(bool saidGoodbye)
    {
        _isClosed = true;
        if (!saidGoodbye && !IsDown)
        {
            GoDown("it went without a goodbye", isProven: true);
        }
    }

    private void Lost(int who, Fault fault, bool isProven)
    {
        if (isProven)
        {
            ProcessDied(who, fault);
        }
        else
        {
            ProcessUnreachable(who, fault);
        }
    }

    private void TellAll(Action<SimLink> tell)
    {
        _process.Point(PointKind.FrameSend);
        for (int peer = 0; peer < _world.ProcessCount && !IsDown; peer++)
        {
            if (peer != Rank)
            {
                Pass(peer, tell);
            }
        }
    }

    private void Pass(int peer, Action<SimLink> frame, long delay = 0)
    {
        SimLink to = _world[peer].Link;
        to._from[Rank].Enqueue(frame);
        Plan(to, delay > 0 ? delay : _world.FrameDelay(_process, to._process));
    }

    // One event a frame; each delivers the frame that is then the oldest of its pair.
    private void Plan(SimLink to, long delay) => _world.Scheduler.Events.Add(_world.Scheduler.Now + delay, () => Arrive(to));

    private void Arrive(SimLink to)
    {
        if (to.IsDown || to._isClosed || to._from[Rank].Count == 0)
        {
            return;
        }

        if (to._process.IsPausedAt(_world.Scheduler.Now))
        {
            Plan(to, to._process.PausedUntil - _world.Scheduler.Now + 1); // nobody takes it from the socket
            return;
        }

        Action<SimLink> frame = to._from[Rank].Dequeue();
        to._process.Point(PointKind.FrameReceive);
        if (!to.IsDown)
        {
            frame(to);
            to._process.Happened();
        }
    }

    private void Receive(in Frame frame)
    {
        Frame taken = frame;
        if (_world.Scheduler.Trace is not null)
        {
            _world.Scheduler.Note($"{Rank} <- {frame.Peer}: {frame.Kind}, key {frame.Key}, scope {frame.Scope:x}, {frame.Payload.Length} bytes");
        }

        if (_world.Planted == Planted.StaleQuestionAnswered && frame.Kind == FrameKind.Answer)
        {
            (taken, _lastAnswer) = (frame with { Payload = _lastAnswer ?? frame.Payload }, frame.Payload);
        }
        else if (_world.Planted == Planted.GatherPartOfWrongRound && frame.Kind == FrameKind.Gather && frame.Key > 1 && frame.Peer > Rank)
        {
            taken = frame with { Key = frame.Key - 1 };
        }

        try
        {
            Deliver(taken);
        }
        catch (CollectiveException error)
        {
            _world.Scheduler.Fail($"rank {Rank} refuses a frame of kind {frame.Kind} from rank {frame.Peer}: {error.Message}");
        }
    }

    // A call that stops fences first and reports then: whoever hears of the fault may use memory that this rank was given.
    private void CheckFence()
    {
        if (!_world.Scheduler.IsInEvent && ProgressToken.IsHeldByThisThread && _process.Transports.Exists(transport => transport.IsOpenToWrites))
        {
            _world.Scheduler.Fail($"rank {Rank} reports a fault from within a call, and its memory is not fenced");
        }
    }
}
