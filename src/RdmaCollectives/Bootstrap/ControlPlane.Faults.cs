using System.Buffers.Binary;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap;

/// <summary>What ranks tell and ask each other about faults, and about what they do.</summary>
internal sealed partial class ControlPlane
{
    /// <summary>The key of a frame that tells a verdict, not a testimony.</summary>
    private const ulong IsVerdict = 1;

    private ulong _question;
    private int _told;
    private int _isOpen;

    public void Report(Fault fault)
    {
        Faults.TrySet(_link.Pace.IsReal ? fault : fault with { When = _link.Pace.UtcNow });
        Testify(); // once; who set another one before us has told that
        TryGetVerdict();
        _mailbox.Wake();
        FailWhatIsMade();
    }

    public Fault? TryGetVerdict()
    {
        Fault? verdict = _inquest.TryClose();
        Announce();
        return verdict;
    }

    public ulong Ask(int peer, ulong sequence)
    {
        CheckPeer(peer);
        if (peer == Rank || _mailbox.HasLeft(peer))
        {
            return 0; // nobody answers there
        }

        ulong question = Interlocked.Increment(ref _question);
        _mailbox.Expect(question);
        byte[] payload = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, sequence);
        if (Send(FrameKind.Question, peer, question, payload))
        {
            return question;
        }

        _mailbox.Forget(question);
        return 0;
    }

    public bool TryTakeAnswer(ulong question, out RankStatus? status) => _mailbox.TryTakeAnswer(question, out status);

    public void Forget(ulong question) => _mailbox.Forget(question);

    /// <summary>Sets a fault that came from elsewhere and wakes this rank's sleepers, once.</summary>
    private void FaultCame(Fault fault)
    {
        if (HasLeftItself || !Faults.TrySet(fault))
        {
            return;
        }

        BootstrapLog.FaultArrived(_logger, Rank, fault.Message);
        Testify();
        WakeSleepers();
        FailWhatIsMade();
    }

    // Each rank tells once what it knows of the fault, and what it does. Not while the link opens the plane, under its lock: the constructor does it then.
    private void Testify()
    {
        if (Faults.First is not { } first || Volatile.Read(ref _isOpen) == 0 || Interlocked.Exchange(ref _told, 1) != 0)
        {
            return;
        }

        RankStatus? status = Status(0);
        _inquest.Hear(Rank, first, status);
        SendToOthers(FrameKind.Fault, 0, Testimony.Write(first, status));
    }

    // Who has the chair tells the others what is decided. Never under a lock.
    private void Announce()
    {
        if (Volatile.Read(ref _isOpen) != 0 && _inquest.TakeAnnouncement())
        {
            SendToOthers(FrameKind.Fault, IsVerdict, VerdictCodec.Write(Faults.Verdict!));
        }
    }

    // A testimony, or the verdict of the chair.
    private void TakeFault(int from, in Frame frame)
    {
        if (frame.Key == IsVerdict)
        {
            Fault verdict = VerdictCodec.Read(frame.Payload.Span, WorldSize);
            _inquest.Adopt(verdict);
            FaultCame(verdict);
        }
        else
        {
            (Fault first, RankStatus? status) = Testimony.Read(frame.Payload.Span, WorldSize);
            _inquest.Hear(from, first, status);
            FaultCame(first);
        }

        TryGetVerdict();
        _mailbox.Wake();
        Wake(NewsArrived);
    }

    private RankStatus? Status(ulong sequence)
    {
        try
        {
            RankStatus? status = StatusOf?.Invoke(sequence);
            return status is { IsInCall: false } ? status with { Elsewhere = _link.CallElsewhere(this) } : status;
        }
        catch (Exception e)
        {
            BootstrapLog.HandlerFailed(_logger, Rank, e);
            return null;
        }
    }

    private void MarkLeft(int peer)
    {
        _inquest.Left(peer);
        TryGetVerdict();
        _mailbox.MarkLeft(peer);
        TellOfEnd(peer, isCertain: true);
    }

    // The agreement takes a rank for gone only where it has heard all that this rank had sent; others who have tell it so, with what they heard.
    private void TellOfEnd(int peer, bool isCertain) =>
        _inbox.Put(isCertain && _link.HearsDirectly(_jobRanks[peer]) ? listener => listener.MemberGone(peer) : listener => listener.MemberSuspected(peer));

    private void WakeSleepers()
    {
        _mailbox.Wake();
        Wake(FaultArrived);
    }

    private void Wake(Action? sleepers)
    {
        try
        {
            sleepers?.Invoke();
        }
        catch (Exception e)
        {
            BootstrapLog.HandlerFailed(_logger, Rank, e);
        }
    }

    /// <summary>A communicator that is being made has no life of its own yet: what ends its parent ends the split on all ranks, wherever they are in it.</summary>
    private void FailWhatIsMade()
    {
        if (Faults.Current is { } fault && Volatile.Read(ref _making) is { } plane && !plane.Faults.IsSet)
        {
            int peer = fault.Peer >= 0 && plane._ranks.TryGetValue(_jobRanks[fault.Peer], out int member) ? member : -1;
            plane.Report(ControlPlaneFaults.ParentFailed(plane.Rank, peer, fault));
            plane.WakeSleepers();
        }
    }

    private void Answer(int to, in Frame question)
    {
        RankStatus? status = Status(BinaryPrimitives.ReadUInt64LittleEndian(question.Payload.Span));
        Send(FrameKind.Answer, to, question.Key, status is null ? default : RankStatusCodec.Write(status));
    }

    // The rendezvous speaks of ranks of the job.
    private Fault InOwnRanks(Fault fault)
    {
        if (_isOfTheStart)
        {
            return fault;
        }

        return _ranks.TryGetValue(fault.Peer, out int peer)
            ? fault with { Peer = peer, Message = $"{fault.Message} (Rank {fault.Peer} of the job is rank {peer} of this communicator.)" }
            : fault with { Peer = -1, Error = Error.ControlPlane, Message = $"{fault.Message} (The ranks are those of the job.)" };
    }

    private CommunicatorFaultException Left(int peer)
    {
        Report(ControlPlaneFaults.PeerLeft(Rank, peer));
        return Faulted();
    }

    private void ThrowIfFault()
    {
        if (Faults.IsSet)
        {
            throw Faulted();
        }
    }

    // The fault that this rank's own thread throws, once it is decided.
    private CommunicatorFaultException Faulted(Exception? cause = null)
    {
        Fault verdict = _mailbox.AwaitVerdict();
        Announce();
        return new CommunicatorFaultException(verdict, operation: null, sequence: 0, cause);
    }
}
