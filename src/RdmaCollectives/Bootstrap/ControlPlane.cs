using Microsoft.Extensions.Logging;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Timing;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// The control plane of one communicator over the link of its process. It has a scope, the number by which its frames are told from those of other communicators; ranks are its own,
/// translated to those of the job and back at its edge. Everything else (parts, blobs, questions, goodbyes, the fault flag) it has for itself, so nothing that happens in one communicator is seen in another.
/// </summary>
internal sealed partial class ControlPlane : IControlPlane
{
    private readonly ControlLink _link;
    private readonly ControlPlane? _parent;
    private readonly int[] _jobRanks;
    private readonly Dictionary<int, int> _ranks; // by job rank
    private readonly bool _isOfTheStart; // its members are those that the job started with
    private readonly ILogger _logger;
    private readonly Mailbox _mailbox;
    private readonly Inquest _inquest;
    private readonly ClockExchange _clocks;
    private ControlPlane? _making; // split from this one, and not complete yet
    private ulong _round;
    private int _left;
    private int _disposed;

    /// <summary>The plane of all ranks of the job.</summary>
    public ControlPlane(ControlLink link, ILogger logger)
        : this(link, parent: null, scope: 0, [.. Enumerable.Range(0, link.WorldSize)], logger)
    {
    }

    /// <summary>The plane of some ranks of the job, newcomers among them or not, that have agreed on a scope that no other communicator of the job has.</summary>
    /// <param name="link">The link of this process, whose rank is among them.</param>
    /// <param name="scope">From <see cref="ControlLink.NextScope"/> of one of them.</param>
    /// <param name="jobRanks">The members in the order of their ranks in the communicator.</param>
    /// <param name="logger">Where faults are logged.</param>
    /// <exception cref="RendezvousException">This rank has left.</exception>
    public ControlPlane(ControlLink link, ulong scope, int[] jobRanks, ILogger logger)
        : this(link, parent: null, scope, jobRanks, logger)
    {
    }

    private ControlPlane(ControlLink link, ControlPlane? parent, ulong scope, int[] jobRanks, ILogger logger)
    {
        _link = link;
        _parent = parent;
        Scope = scope;
        _jobRanks = jobRanks;
        _ranks = jobRanks.Index().ToDictionary(member => member.Item, member => member.Index);
        _isOfTheStart = jobRanks.Length == link.WorldSize && jobRanks.Index().All(member => member.Item == member.Index);
        _logger = logger;
        Rank = _ranks[link.Rank];
        _clocks = new ClockExchange(link.Pace);
        _inquest = new Inquest(Rank, WorldSize, Faults, link.Pace);
        _mailbox = new Mailbox(Rank, WorldSize, Faults, _inquest, link.Pace);
        _clocks = new ClockExchange(link.Pace);
        link.Open(this);
        Interlocked.Exchange(ref _isOpen, 1); // before the look at the flag; partner: Testify
        Testify();
        TryGetVerdict();
    }

    public int Rank { get; }

    public int WorldSize => _jobRanks.Length;

    public ulong Scope { get; }

    public Pace Pace => _link.Pace;

    public FaultState Faults { get; } = new();

    public Action? FaultArrived { get; set; }

    public Action? NewsArrived { get; set; }

    public Func<ulong, RankStatus>? StatusOf { get; set; }

    public Action<int, ReadOnlyMemory<byte>>? PathMessageCame { get; set; }

    /// <summary>What carries this plane's frames.</summary>
    public ControlLink Link => _link;

    private bool HasLeftItself => Volatile.Read(ref _left) != 0;

    // ---- This rank's own threads ----

    public byte[][] AllGather(ReadOnlySpan<byte> mine, TimeSpan timeout)
    {
        CheckBlob(mine.Length);
        ThrowIfFault();
        ulong round = ++_round;
        byte[] part = mine.ToArray();
        _mailbox.PutPart(round, Rank, part);
        ThrowUnlessSent(SendToOthers(FrameKind.Gather, round, part));
        try
        {
            return _mailbox.TakeRound(round, timeout, out int leaver) ?? throw Left(leaver);
        }
        finally
        {
            Announce(); // where the wait ended by a verdict
        }
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

        ThrowUnlessSent(Send(FrameKind.PeerBlob, peer, key, blob.ToArray()));
    }

    public void SendPathMessage(int peer, ReadOnlyMemory<byte> message)
    {
        CheckPeer(peer);
        Send(FrameKind.Path, peer, 0, message); // where it can't be sent the control thread is about to find out why
    }

    public byte[] ReceiveFromPeer(int peer, ulong key, TimeSpan timeout)
    {
        CheckPeer(peer);
        try
        {
            return _mailbox.TakeBlob(peer, key, timeout) ?? throw Left(peer);
        }
        finally
        {
            Announce();
        }
    }

    public ClockOffset? MeasureClock(int peer, TimeSpan timeout)
    {
        CheckPeer(peer);
        return _clocks.Measure(peer, question => Send(FrameKind.Clock, peer, question, default), () => _mailbox.IsClosed || _mailbox.HasLeft(peer), timeout);
    }

    public bool HasLeft(int peer) => _mailbox.HasLeft(peer);

    public IControlPlane? Split(int color, int key, TimeSpan timeout)
    {
        _link.BeginSplit();
        try
        {
            byte[][] blobs = AllGather(new SplitRequest(color, key, _link.NextScope()).ToBytes(), timeout);
            SplitRequest[] requests = [.. blobs.Select((blob, peer) => SplitRequest.Read(peer, blob))];
            if (color < 0)
            {
                return null;
            }

            int[] members = SplitRequest.Members(requests, color);
            var plane = new ControlPlane(_link, this, requests[members[0]].Scope, [.. members.Select(member => _jobRanks[member])], _logger);
            Interlocked.Exchange(ref _making, plane); // before the fault flag is looked at; partner: FailWhatIsMade
            FailWhatIsMade();
            return plane;
        }
        catch (RendezvousException late) when (!_mailbox.IsClosed)
        {
            Report(ControlPlaneFaults.SplitTimeout(Rank, late.Message));
            throw Faulted(late);
        }
        finally
        {
            _link.EndSplit();
        }
    }

    public void StandAlone()
    {
        if (_parent is not null)
        {
            Interlocked.CompareExchange(ref _parent._making, null, this);
        }
    }

    public void Leave()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            StandAlone();
            if (!_link.Leave(this))
            {
                SendToOthers(FrameKind.LeftScope, 0, default);
            }
        }

        _mailbox.Close("This rank has left the control plane.");
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Volatile.Write(ref _left, 1);
            StandAlone();
            _link.Release(this);
            _mailbox.Close("The control plane was disposed.");
        }
    }

    // ---- The control thread ----

    /// <summary>A frame of this scope, from another rank.</summary>
    /// <exception cref="CollectiveException">No member sends that.</exception>
    public void Take(in Frame frame)
    {
        if (!_ranks.TryGetValue(frame.Peer, out int from))
        {
            throw new CollectiveException(Error.Protocol, $"a frame of kind {frame.Kind} came from rank {frame.Peer} of the job for a communicator that it is no member of");
        }

        switch (frame.Kind)
        {
            case FrameKind.Fault:
                TakeFault(from, frame);
                break;
            case FrameKind.Gather:
                _mailbox.PutPart(frame.Key, from, frame.Payload.ToArray());
                break;
            case FrameKind.PeerBlob:
                _mailbox.PutBlob(from, frame.Key, frame.Payload.ToArray());
                break;
            case FrameKind.LeftScope:
                MarkLeft(from);
                break;
            case FrameKind.Membership:
                ReadOnlyMemory<byte> message = frame.Payload;
                _inbox.Put(listener => listener.MessageCame(from, message));
                break;
            case FrameKind.Path:
                PathMessageCame?.Invoke(from, frame.Payload);
                break;
            case FrameKind.Question when frame.Payload.Length == sizeof(ulong):
                Answer(from, frame);
                break;
            case FrameKind.Clock:
                Send(FrameKind.ClockAnswer, from, frame.Key, _clocks.Answer());
                break;
            case FrameKind.ClockAnswer:
                _clocks.PutAnswer(frame.Key, frame.Payload.Span);
                break;
            case FrameKind.Answer:
                _mailbox.PutAnswer(frame.Key, frame.Payload.IsEmpty ? null : RankStatusCodec.Read(frame.Payload.Span));
                Wake(NewsArrived);
                break;
            default:
                throw new CollectiveException(Error.Protocol, $"a frame of kind {frame.Kind} came that this version does not understand");
        }
    }

    /// <summary>A process of the job died, or can't be reached any more and may live (<see cref="Fault.IsProven"/>); the proof may follow the suspicion. Who had left this communicator before is missed by nobody here.</summary>
    public void MemberDied(int jobRank, Fault fault)
    {
        if (_ranks.TryGetValue(jobRank, out int peer) && !_mailbox.HasLeft(peer))
        {
            Fault death = InOwnRanks(fault);
            _inquest.Died(death);
            FaultCame(death);
            TryGetVerdict();
            Wake(NewsArrived);
            TellOfEnd(peer, isCertain: fault.IsProven);
        }
    }

    /// <summary>A process of the job has left all its communicators.</summary>
    public void MemberLeft(int jobRank)
    {
        if (_ranks.TryGetValue(jobRank, out int peer))
        {
            MarkLeft(peer);
        }
    }

    public void LinkEnded(Fault? fault, string reason)
    {
        _inquest.Deafen();
        if (fault is not null)
        {
            FaultCame(InOwnRanks(fault) with { Reporter = Rank });
        }

        _mailbox.Close(reason);
        _inbox.Put(listener => listener.LinkEnded(reason));
    }

    // ---- Ranks of the job and own ranks ----

    private bool Send(FrameKind kind, int peer, ulong key, ReadOnlyMemory<byte> payload) =>
        _link.TrySend(new Frame(kind, _jobRanks[peer], key, payload, Scope));

    private bool SendToOthers(FrameKind kind, ulong key, ReadOnlyMemory<byte> payload)
    {
        if (_isOfTheStart)
        {
            return _link.TrySend(new Frame(kind, -1, key, payload, Scope));
        }

        bool sent = true;
        for (int peer = 0; peer < WorldSize; peer++)
        {
            sent &= peer == Rank || Send(kind, peer, key, payload);
        }

        return sent;
    }

    /// <exception cref="CommunicatorFaultException">It could not be sent, and there is a fault.</exception>
    private void ThrowUnlessSent(bool sent)
    {
        if (!sent)
        {
            ThrowIfFault();
        }

        // Without a fault the control thread is about to find out why, and waits end by what it finds.
    }

    private void CheckPeer(int peer)
    {
        if ((uint)peer >= (uint)WorldSize)
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
