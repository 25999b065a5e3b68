using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Bootstrap.Handshake;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// The link between processes: one connection to the rendezvous, one thread of its own that sleeps in its receive. Any thread may send.
/// <code>
/// joining -> started -> leaving -> ended      the last control plane left
///            started -> ended                 the connection broke: a fault, unless rank 0 hosted the rendezvous and had left
/// </code>
/// </summary>
internal sealed class RendezvousLink : ControlLink
{
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LastQuestionTime = TimeSpan.FromSeconds(1);

    private readonly RendezvousServer? _hosted;
    private readonly string _rendezvous;
    private readonly Socket _socket;
    private readonly FrameBuffer _received;
    private readonly FrameOpener _opener;
    private readonly ControlSender _sender;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _started = new();
    private readonly ManualResetEventSlim _goodbyeHeard = new();
    private readonly List<JoinIdentity> _members = [];
    private bool _rankZeroHosts;
    private volatile string? _joinFailure;

    private RendezvousLink(ResolvedOptions options, string rendezvous, RendezvousServer? hosted, Socket socket, SessionKeys keys, FrameBuffer received)
        : base(options.Rank, options.WorldSize)
    {
        _hosted = hosted;
        _rendezvous = rendezvous;
        _socket = socket;
        _received = received;
        _opener = new FrameOpener(keys.ServerToClient);
        _sender = new ControlSender(socket, keys.ClientToServer);
        _thread = new Thread(Run) { IsBackground = true, Name = "rdmacc control" };
    }

    /// <summary>Process and host of every rank of the job.</summary>
    public IReadOnlyList<JoinIdentity> Members => _members;

    /// <summary>Joins the world of <paramref name="options"/> and returns its control plane when all ranks are there.</summary>
    /// <param name="options">This rank and where to join.</param>
    /// <param name="hosted">The rendezvous, where this process hosts it: the result owns it. It lives on after the goodbye of this rank until the last one has left.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RendezvousException">Refused, not reached, or ranks are missing; the message says which, and what to do.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static ControlPlane Join(ResolvedOptions options, RendezvousServer? hosted = null, CancellationToken cancellationToken = default)
    {
        RendezvousAddress address = RendezvousAddress.TryParse(options.Rendezvous ?? "")
            ?? throw new ArgumentException($"'{options.Rendezvous}' is not host:port.", nameof(options));
        var connector = new RendezvousConnector(options, address, cancellationToken);
        (Socket socket, SessionKeys keys, FrameBuffer received) = connector.Connect();
        var link = new RendezvousLink(options, address.ToString(), hosted, socket, keys, received);
        var plane = new ControlPlane(link, options.LoggerFactory.CreateLogger<ControlPlane>());
        try
        {
            link._thread.Start();
            link._sender.TrySend(new Frame(FrameKind.Here, -1, 0, default));
            link.AwaitStart(connector.TimeLeft, cancellationToken);
            return plane;
        }
        catch
        {
            plane.Leave(); // so that another process can take the rank
            plane.Dispose();
            throw;
        }
    }

    public override bool TrySend(in Frame frame) => _sender.TrySend(frame);

    protected override void SayGoodbye()
    {
        if (_sender.TrySend(new Frame(FrameKind.Goodbye, -1, 0, default)))
        {
            _goodbyeHeard.Wait(GoodbyeTime); // the process may end next, and its goodbye with it
        }

        _hosted?.StopWhenEmpty();
    }

    protected override void Close(bool saidGoodbye)
    {
        _sender.ShutDown(); // wakes the control thread out of its receive
        if (_thread.IsAlive && Thread.CurrentThread != _thread)
        {
            _thread.Join(GoodbyeTime);
        }

        _sender.Dispose();
        _socket.Dispose();
        if (!saidGoodbye)
        {
            _hosted?.Dispose();
        }
    }

    private void AwaitStart(TimeSpan time, CancellationToken cancellationToken)
    {
        if (!_started.Wait(time > TimeSpan.Zero ? time : TimeSpan.Zero, cancellationToken))
        {
            _sender.TrySend(new Frame(FrameKind.WhoIsMissing, -1, 0, default)); // the rendezvous knows; its own clock may run longer than ours
            _started.Wait(LastQuestionTime, cancellationToken);
        }

        if (_joinFailure is { } reason)
        {
            throw new RendezvousException(reason, Rank);
        }

        if (!_started.IsSet)
        {
            throw new RendezvousException($"Rank {Rank} joined the rendezvous at {_rendezvous}, but not all ranks came in time, and it does not say which are missing. Look at the rendezvous' host and at its output.", Rank);
        }
    }

    private void Run()
    {
        Func<Fault> fault = () => GoneFault("its connection was closed");
        try
        {
            while (true)
            {
                while (_received.TryTake(out ReadOnlySpan<byte> bytes))
                {
                    Take(_opener.Open(bytes));
                }

                int count = _socket.Receive(_received.Free);
                if (count == 0)
                {
                    break;
                }

                _received.Advance(count);
            }
        }
        catch (SocketException e)
        {
            fault = () => GoneFault(e.Message.TrimEnd('.'));
        }
        catch (Exception e)
        {
            // Of any kind: nothing may end the control thread unnoticed.
            fault = () => ControlPlaneFaults.ConnectionDamaged(Rank, _rendezvous, e.Message.TrimEnd('.'));
            _sender.ShutDown();
        }

        _opener.Dispose();
        ConnectionEnded(fault());
    }

    private Fault GoneFault(string how) =>
        _rankZeroHosts ? ControlPlaneFaults.RankZeroDied(Rank, _rendezvous, how) : ControlPlaneFaults.RendezvousGone(Rank, _rendezvous, how);

    private void Take(in Frame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.Members:
                MemberList.Read(frame.Payload.Span, _members);
                break;
            case FrameKind.Start:
                _rankZeroHosts = frame.Key == 1;
                _started.Set();
                break;
            case FrameKind.Refused when !_started.IsSet:
                _joinFailure = Encoding.UTF8.GetString(frame.Payload.Span);
                _started.Set();
                break;
            case FrameKind.GoodbyeHeard:
                _goodbyeHeard.Set();
                break;
            case FrameKind.Fault when frame.Peer < 0:
                Fault death = FaultCodec.Read(frame.Payload.Span);
                ProcessDied(death.Peer, death);
                break;
            case FrameKind.Left:
                ProcessLeft(frame.Peer);
                break;
            default:
                Deliver(frame);
                break;
        }
    }

    private void ConnectionEnded(Fault fault)
    {
        _goodbyeHeard.Set();
        if (!_started.IsSet)
        {
            _joinFailure = $"Rank {Rank} joined the rendezvous, but it was lost before all ranks were there. {fault.Message}";
            _started.Set();
        }

        // Where rank 0 hosts, it may be the first to leave and end, while others are still busy with each other: that takes the rendezvous away, but nothing that they still need.
        bool isMissed = _joinFailure is null && !SaidGoodbye && !(_rankZeroHosts && HasProcessLeft(0));
        Ended(isMissed ? fault : null, $"The rendezvous at {_rendezvous} has ended: nothing can be exchanged over it any more.");
    }
}
