using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>
/// The link between processes: connections to the other ranks, and one to the rendezvous that it can do without once the job has started. Any thread may send; what it sends is queued, and the control thread does the rest.
/// <code>
/// connecting -> started -> leaving -> ended      the last control plane left
/// </code>
/// </summary>
internal sealed class MeshLink : ControlLink
{
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromMilliseconds(500);

    /// <summary>How much longer a rank of the overlay waits until one that stays has heard that it leaves, and tells those that it is not connected to.</summary>
    private static readonly TimeSpan PassedOnTime = TimeSpan.FromSeconds(15);

    private readonly RendezvousServer? _hosted;
    private readonly ILogger _logger;
    private readonly MeshLoop _loop;
    private readonly Overlay _overlay;
    private readonly Thread _thread;
    private readonly ConcurrentQueue<Frame> _outbox = new();
    private readonly ManualResetEventSlim _started = new();
    private readonly ManualResetEventSlim _goodbyeHeard = new();
    private readonly ManualResetEventSlim _goodbyePassedOn = new();
    private volatile bool _ended;

    public MeshLink(JobStart start, RendezvousSide rendezvous, Socket? listener, ResolvedOptions options, RendezvousServer? hosted)
        : base(start.Rank, start.WorldSize)
    {
        _hosted = hosted;
        _overlay = new Overlay(Math.Min(start.Rank, start.WorldSize - 1), start.WorldSize);
        _logger = options.LoggerFactory.CreateLogger<MeshLink>();
        _loop = new MeshLoop(this, start, rendezvous, listener, options, _logger);
        _thread = new Thread(_loop.Run) { IsBackground = true, Name = "rdmacc control" };
    }

    /// <summary>Process and host of every rank that the job started with, and of newcomers as they come, by rank. Complete once joined.</summary>
    public IReadOnlyList<MemberIdentity> Members => _loop.Members;

    /// <summary>Between ranks that got a connection of their own at the start. One that was made later, to close a gap, came behind frames that went by other ways.</summary>
    public override bool HearsDirectly(int jobRank) => Rank >= WorldSize || jobRank >= WorldSize || _overlay.IsAllPairs || _overlay.IsNeighbour(jobRank);

    public override bool TrySend(in Frame frame)
    {
        if (_ended)
        {
            return false;
        }

        _outbox.Enqueue(frame);
        _loop.Wake();
        return true;
    }

    /// <summary>Starts the control thread, and waits until this rank is connected to the others, or has found another way to them.</summary>
    /// <exception cref="RendezvousException">The time has passed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void Start(TimeSpan timeLeft, CancellationToken cancellationToken)
    {
        _thread.Start();
        TimeSpan time = timeLeft > MeshLoop.ConnectTime ? timeLeft : MeshLoop.ConnectTime + MeshLoop.AcceptGrace; // what can't be connected by then is relayed
        if (!_started.Wait(time + MeshLoop.AcceptGrace, cancellationToken))
        {
            throw new RendezvousException($"Rank {Rank} joined, but could not be connected to {RankList.InWords(_loop.Awaited)}. Look at the hosts of those ranks, and at the network between.", Rank);
        }
    }

    protected override void SayGoodbye()
    {
        _loop.SayGoodbye();
        if (Thread.CurrentThread != _thread && _thread.IsAlive)
        {
            // The process may end next, and its goodbye with it.
            if (!_goodbyeHeard.Wait(GoodbyeTime))
            {
                _goodbyePassedOn.Wait(PassedOnTime);
            }
        }

        _hosted?.StopWhenEmpty();
    }

    protected override void Close(bool saidGoodbye)
    {
        _ended = true;
        _loop.Stop();
        if (_thread.IsAlive && Thread.CurrentThread != _thread)
        {
            _thread.Join(GoodbyeTime);
        }

        if (!saidGoodbye)
        {
            _hosted?.Dispose();
        }
    }

    // ---- The control thread ----

    internal bool IsLeaving => SaidGoodbye;

    internal bool TryTakeSent(out Frame frame) => _outbox.TryDequeue(out frame);

    internal void OnStarted() => _started.Set();

    internal void OnFrame(int from, in Frame frame) => Deliver(frame with { Peer = from });

    internal void OnLeft(int who) => ProcessLeft(who);

    internal void OnNewcomer(int who) => NewcomerCame(who);

    internal void OnDied(MemberIdentity who, string how) => OnLost(LossWords.Death(who, how), ProcessDied);

    internal void OnUnreachable(MemberIdentity who, string how) => OnLost(LossWords.Suspicion(who, how), ProcessUnreachable);

    /// <summary>The rendezvous is gone. <paramref name="isExpected"/>: rank 0 hosted it, and had left.</summary>
    internal void OnRendezvousLost(string address, string how, bool isExpected)
    {
        NewcomersEnd($"The rendezvous at {address} is gone ({how}), and no newcomers can join without it.");
        if (!IsLeaving && !isExpected)
        {
            BootstrapLog.RendezvousLost(_logger, Rank, address, how);
        }
    }

    /// <summary>All that this rank is connected to have heard that it leaves.</summary>
    internal void OnGoodbyeHeard() => _goodbyeHeard.Set();

    /// <summary>Whoever stays will hear that it leaves.</summary>
    internal void OnGoodbyePassedOn() => _goodbyePassedOn.Set();

    /// <summary>The control thread ends: nothing can be exchanged any more.</summary>
    internal void OnEnded(Exception? failure)
    {
        _ended = true;
        _started.Set();
        _goodbyeHeard.Set();
        _goodbyePassedOn.Set();
        if (failure is not null)
        {
            BootstrapLog.ControlThreadFailed(_logger, Rank, failure);
        }

        Ended(failure is null || IsLeaving ? null : ControlPlaneFaults.ControlThreadFailed(Rank, failure.Message), "The control plane of this process has ended: nothing can be exchanged over it any more.");
    }

    private void OnLost(Fault fault, Action<int, Fault> tell)
    {
        if (!IsLeaving)
        {
            BootstrapLog.PeerLost(_logger, Rank, fault.Message);
        }

        tell(fault.Peer, fault);
    }
}
