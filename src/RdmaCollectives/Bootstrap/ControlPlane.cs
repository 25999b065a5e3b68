using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Bootstrap.Handshake;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// A rank's end of the control plane between processes: one connection to the rendezvous, one thread of its own that sleeps in its receive. Any thread may send.
/// <code>
/// joining -> started -> leaving -> ended      Leave
///            started -> ended                 the connection broke: a fault, unless rank 0 hosted the rendezvous and had left
/// </code>
/// Disposing without <see cref="Leave"/> looks to the others like a death.
/// </summary>
internal sealed class ControlPlane : IControlPlane
{
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LastQuestionTime = TimeSpan.FromSeconds(1);

    private readonly RendezvousServer? _hosted;
    private readonly string _rendezvous;
    private readonly ILogger _logger;
    private readonly Socket _socket;
    private readonly FrameBuffer _received;
    private readonly FrameOpener _opener;
    private readonly ControlSender _sender;
    private readonly Mailbox _mailbox;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _started = new();
    private readonly ManualResetEventSlim _goodbyeHeard = new();
    private readonly List<JoinIdentity> _members = [];
    private ulong _round;
    private ulong _question;
    private int _told;
    private bool _rankZeroHosts;
    private volatile string? _joinFailure;
    private volatile bool _leaving;
    private volatile bool _hasLeft;

    private ControlPlane(ResolvedOptions options, string rendezvous, RendezvousServer? hosted, Socket socket, SessionKeys keys, FrameBuffer received)
    {
        _hosted = hosted;
        Rank = options.Rank;
        WorldSize = options.WorldSize;
        _rendezvous = rendezvous;
        _logger = options.LoggerFactory.CreateLogger<ControlPlane>();
        _socket = socket;
        _received = received;
        _opener = new FrameOpener(keys.ServerToClient);
        _sender = new ControlSender(socket, keys.ClientToServer);
        _mailbox = new Mailbox(Rank, WorldSize, Faults);
        _thread = new Thread(Run) { IsBackground = true, Name = "rdmacc control" };
    }

    public int Rank { get; }

    public int WorldSize { get; }

    public FaultState Faults { get; } = new();

    public Action? FaultArrived { get; set; }

    public Func<ulong, CallDescription?>? CallOf { get; set; }

    /// <summary>Process and host of every rank.</summary>
    public IReadOnlyList<JoinIdentity> Members => _members;

    /// <summary>Joins the world of <paramref name="options"/> and returns when all ranks are there.</summary>
    /// <param name="options">This rank and where to join.</param>
    /// <param name="hosted">The rendezvous, where this process hosts it: the result owns it. It lives on after <see cref="Leave"/> until the last rank has left.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RendezvousException">Refused, not reached, or ranks are missing; the message says which, and what to do.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static ControlPlane Join(ResolvedOptions options, RendezvousServer? hosted = null, CancellationToken cancellationToken = default)
    {
        RendezvousAddress address = RendezvousAddress.TryParse(options.Rendezvous ?? "")
            ?? throw new ArgumentException($"'{options.Rendezvous}' is not host:port.", nameof(options));
        var connector = new RendezvousConnector(options, address, cancellationToken);
        (Socket socket, SessionKeys keys, FrameBuffer received) = connector.Connect();
        var plane = new ControlPlane(options, address.ToString(), hosted, socket, keys, received);
        try
        {
            plane._thread.Start();
            plane._sender.TrySend(new Frame(FrameKind.Here, -1, 0, default));
            plane.AwaitStart(connector.TimeLeft, cancellationToken);
            return plane;
        }
        catch
        {
            plane.Leave(); // so that another process can take the rank
            plane.Dispose();
            throw;
        }
    }

    public byte[][] AllGather(ReadOnlySpan<byte> mine, TimeSpan timeout)
    {
        CheckBlob(mine.Length);
        _mailbox.ThrowIfFault();
        ulong round = ++_round;
        byte[] part = mine.ToArray();
        _mailbox.PutPart(round, Rank, part);
        Send(new Frame(FrameKind.Gather, -1, round, part));
        byte[][]? parts = _mailbox.TakeRound(round, timeout, out int leaver);
        return parts ?? throw Left(leaver);
    }

    public void SendToPeer(int peer, ulong key, ReadOnlySpan<byte> blob)
    {
        CheckPeer(peer);
        CheckBlob(blob.Length);
        if (peer == Rank)
        {
            _mailbox.PutBlob(Rank, key, blob.ToArray());
            return;
        }

        Send(new Frame(FrameKind.PeerBlob, peer, key, blob.ToArray()));
    }

    public byte[] ReceiveFromPeer(int peer, ulong key, TimeSpan timeout)
    {
        CheckPeer(peer);
        return _mailbox.TakeBlob(peer, key, timeout) ?? throw Left(peer);
    }

    public void Report(Fault fault)
    {
        Faults.TrySet(fault);
        _mailbox.Wake();

        // Only the fault that stands here is told, once: whoever set another one before us has told it, or it was told to us.
        if (ReferenceEquals(Faults.Current, fault) && Interlocked.Exchange(ref _told, 1) == 0)
        {
            _sender.TrySend(new Frame(FrameKind.Fault, -1, 0, FaultCodec.Write(fault)));
        }
    }

    public CallDescription? AskCall(int peer, ulong sequence, TimeSpan timeout)
    {
        CheckPeer(peer);
        if (peer == Rank)
        {
            return CallOf?.Invoke(sequence);
        }

        ulong question = Interlocked.Increment(ref _question);
        _mailbox.Expect(question);
        byte[] payload = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, sequence);
        bool asked = _sender.TrySend(new Frame(FrameKind.Question, peer, question, payload));
        return _mailbox.TakeAnswer(question, asked ? timeout : TimeSpan.Zero);
    }

    public bool HasLeft(int peer) => _mailbox.HasLeft(peer);

    public void Leave()
    {
        if (!_leaving)
        {
            _leaving = true;
            if (_sender.TrySend(new Frame(FrameKind.Goodbye, -1, 0, default)))
            {
                _goodbyeHeard.Wait(GoodbyeTime); // the process may end next, and its goodbye with it
            }
        }

        _hosted?.StopWhenEmpty();
        _hasLeft = true;
        _mailbox.Close("This rank has left the control plane.");
    }

    public void Dispose()
    {
        _leaving = true;
        _sender.ShutDown(); // wakes the control thread out of its receive
        if (_thread.IsAlive && Thread.CurrentThread != _thread)
        {
            _thread.Join(GoodbyeTime);
        }

        _sender.Dispose();
        _socket.Dispose();
        if (!_hasLeft)
        {
            _hosted?.Dispose();
        }

        _mailbox.Close("The control plane was disposed.");
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
            case FrameKind.Fault:
                FaultCame(FaultCodec.Read(frame.Payload.Span), frame.Peer);
                break;
            case FrameKind.Gather when IsRank(frame.Peer):
                _mailbox.PutPart(frame.Key, frame.Peer, frame.Payload.ToArray());
                break;
            case FrameKind.PeerBlob when IsRank(frame.Peer):
                _mailbox.PutBlob(frame.Peer, frame.Key, frame.Payload.ToArray());
                break;
            case FrameKind.Left when IsRank(frame.Peer):
                _mailbox.MarkLeft(frame.Peer);
                break;
            case FrameKind.Question when IsRank(frame.Peer) && frame.Payload.Length == sizeof(ulong):
                Answer(frame);
                break;
            case FrameKind.Answer:
                _mailbox.PutAnswer(frame.Key, frame.Payload.Length == CallDescription.ByteSize ? CallDescription.Read(frame.Payload.Span) : null);
                break;
            default:
                throw new CollectiveException(Error.Protocol, $"a frame of kind {frame.Kind} came that this version does not understand");
        }
    }

    /// <summary>Sets a fault that came from elsewhere and wakes this rank's sleepers, once.</summary>
    private void FaultCame(Fault fault, int from)
    {
        if (_leaving || !Faults.TrySet(from >= 0 ? fault with { Reporter = from } : fault))
        {
            return;
        }

        BootstrapLog.FaultArrived(_logger, Rank, fault.Message);
        _mailbox.Wake();
        try
        {
            FaultArrived?.Invoke();
        }
        catch (Exception e)
        {
            BootstrapLog.HandlerFailed(_logger, Rank, e);
        }
    }

    private void Answer(in Frame question)
    {
        CallDescription? call = null;
        try
        {
            call = CallOf?.Invoke(BinaryPrimitives.ReadUInt64LittleEndian(question.Payload.Span));
        }
        catch (Exception e)
        {
            BootstrapLog.HandlerFailed(_logger, Rank, e);
        }

        byte[] payload = call is null ? [] : new byte[CallDescription.ByteSize];
        call?.Write(payload);
        _sender.TrySend(new Frame(FrameKind.Answer, question.Peer, question.Key, payload));
    }

    private void ConnectionEnded(Fault fault)
    {
        _goodbyeHeard.Set();
        if (!_started.IsSet)
        {
            _joinFailure = $"Rank {Rank} joined the rendezvous, but it was lost before all ranks were there. {fault.Message}";
            _started.Set();
        }
        else if (!(_rankZeroHosts && _mailbox.HasLeft(0)) && _joinFailure is null)
        {
            // Where rank 0 hosts, it may be the first to leave and end, while others are still busy with each other: that takes the rendezvous away, but nothing that they still need.
            FaultCame(fault, from: -1);
        }

        _mailbox.Close($"The rendezvous at {_rendezvous} has ended: nothing can be exchanged over it any more.");
    }

    /// <exception cref="CommunicatorFaultException">It could not be sent, and there is a fault.</exception>
    private void Send(in Frame frame)
    {
        if (!_sender.TrySend(frame))
        {
            _mailbox.ThrowIfFault();
        }

        // Without a fault the control thread is about to find out why, and waits end by what it finds.
    }

    private CommunicatorFaultException Left(int peer)
    {
        Report(ControlPlaneFaults.PeerLeft(Rank, peer));
        return new CommunicatorFaultException(Faults.Current!, operation: null, sequence: 0);
    }

    private bool IsRank(int peer) => (uint)peer < (uint)WorldSize;

    private void CheckPeer(int peer)
    {
        if (!IsRank(peer))
        {
            throw new ArgumentOutOfRangeException(nameof(peer), peer, $"A rank is 0 to {WorldSize - 1}.");
        }
    }

    private static void CheckBlob(int byteCount)
    {
        if (byteCount > WireProtocol.MaxBlobBytes)
        {
            throw new ArgumentException($"A blob of {byteCount} bytes does not fit: at most {WireProtocol.MaxBlobBytes}.");
        }
    }
}
