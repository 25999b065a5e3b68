using System.Globalization;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Timing;

namespace RdmaCollectives.Membership;

/// <summary>
/// Drives the <see cref="Agreement"/> of one communicator over its control plane. Whatever happens is queued, and done by one thread at a time, which also sends: the control thread (in process: any rank's), or the one that
/// waits here for the outcome. So nothing is called with a lock held, and what this rank has decided was sent before its caller learns of it.
/// </summary>
internal sealed class Succession : IMembershipEvents
{
    private readonly IControlPlane _control;
    private readonly int _epoch;
    private readonly object _gate = new();
    private readonly Queue<Action<Agreement>> _queue = new();
    private readonly long _start;
    private readonly Agreement _agreement;
    private readonly TimeSpan _step;
    private bool _isWorking;
    private Roster? _outcome; // what it decided has been sent
    private TimeSpan _nextTick = TimeSpan.MaxValue;
    private string? _linkEnd;
    private bool _isCanceled;
    private bool _isKeepingFrames;

    /// <param name="control">The plane of the communicator that is to be succeeded.</param>
    /// <param name="epoch">Its epoch.</param>
    public Succession(IControlPlane control, int epoch)
    {
        _control = control;
        _epoch = epoch;
        _start = control.Pace.Timestamp;
        _step = TimeSpan.FromMilliseconds(100);
        _agreement = new Agreement(control.Rank, control.WorldSize, epoch + 1, control.NextScope, _step);
        control.Listen(this);
    }

    /// <summary>The roster, where this rank knows it already.</summary>
    public Roster? Outcome
    {
        get
        {
            lock (_gate)
            {
                return _outcome;
            }
        }
    }

    /// <summary>The epoch of the communicator that is to be succeeded.</summary>
    public int Epoch => _epoch;

    /// <summary>The successor, where it is open already because its connecting failed; touched by whoever is inside the communicator.</summary>
    public (IControlPlane Control, Succession Succession)? Opened { get; set; }

    /// <summary>Frames of successors that are not open yet are kept from now on, until <see cref="KeepNoFrames"/>. By whoever is inside the communicator.</summary>
    public void KeepFrames()
    {
        if (!_isKeepingFrames)
        {
            _isKeepingFrames = true;
            _control.BeginSuccession();
        }
    }

    public void KeepNoFrames()
    {
        if (_isKeepingFrames)
        {
            _isKeepingFrames = false;
            _control.EndSuccession();
        }
    }

    /// <summary>The communicator is disposed: what was begun and will not be gone on with is left.</summary>
    public void Leave()
    {
        KeepNoFrames();
        if (Opened is var (control, succession))
        {
            Opened = null;
            succession.Leave();
            control.Leave();
            control.Dispose();
        }
    }

    private TimeSpan Now => _control.Pace.Since(_start);

    /// <summary>Takes part until the successor's members are known. The program must have called for it: all who live and want to go on do.</summary>
    /// <param name="completed">The last collective that this rank completed.</param>
    /// <param name="timeout">How long to wait for members that live and do not call. Somewhat later it ends without a quorum.</param>
    /// <param name="newcomers">Who is taken in: the same on all ranks.</param>
    /// <param name="needsAll">Nothing new is proposed without all members.</param>
    /// <param name="cancellationToken">Ends it; this rank may call again.</param>
    /// <exception cref="CommunicatorFaultException">No quorum, or this rank is not among them.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Roster Agree(ulong completed, TimeSpan timeout, int[]? newcomers = null, bool needsAll = false, CancellationToken cancellationToken = default)
    {
        TimeSpan giveUpAt = Now + timeout + (_step * (20 + Math.Min(_control.WorldSize, 100)));
        lock (_gate)
        {
            _isCanceled = false;
        }

        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(_ => Cancel(), null);
        Do(agreement => agreement.Call(Now, timeout, completed, newcomers, needsAll));
        Roster? roster = Await(giveUpAt, needsAll);
        if (roster is null && needsAll && _control.Faults.Current is { } fault)
        {
            Do(agreement => agreement.GiveUp());
            throw new CommunicatorFaultException(fault, operation: null, sequence: 0);
        }

        if (roster is not null)
        {
            return roster.Contains(_control.Rank) ? roster : throw new CommunicatorFaultException(Excluded(roster), operation: null, sequence: 0);
        }

        Fault? end = null;
        var done = new Signal(_control.Pace);
        Do(agreement =>
        {
            end = needsAll ? NotAll(agreement, timeout) : NoQuorum(agreement, timeout);
            agreement.GiveUp();
            done.Set();
        });
        done.Wait();
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            end = _linkEnd is { } reason ? LinkEnd(reason) : end;
        }

        if (needsAll)
        {
            _control.Report(end!); // a communicator without fault until now: the others end by it, too
            end = _control.Faults.Current;
        }

        throw new CommunicatorFaultException(end!, operation: null, sequence: 0);
    }

    public void MessageCame(int from, ReadOnlyMemory<byte> message)
    {
        AgreementMessage read = AgreementCodec.Read(message.Span, _control.WorldSize);
        Do(agreement => agreement.Receive(Now, from, read));
    }

    public void MemberGone(int member) => Do(agreement => agreement.Died(Now, member));

    public void MemberSuspected(int member) => Do(agreement => agreement.Suspect(Now, member, isSuspected: true));

    public void LinkEnded(string reason)
    {
        lock (_gate)
        {
            _linkEnd ??= reason;
            _control.Pace.PulseAll(_gate);
        }
    }

    private void Cancel()
    {
        lock (_gate)
        {
            _isCanceled = true;
            _control.Pace.PulseAll(_gate);
        }
    }

    // Null when it took too long, was cancelled, or cannot come any more.
    private Roster? Await(TimeSpan giveUpAt, bool endsByFault)
    {
        while (true)
        {
            lock (_gate)
            {
                TimeSpan now = Now;
                if (_outcome is not null || _linkEnd is not null || _isCanceled || now >= giveUpAt || (endsByFault && _control.Faults.IsSet))
                {
                    return _outcome;
                }

                TimeSpan until = _nextTick < giveUpAt ? _nextTick : giveUpAt;
                if (until > now)
                {
                    TimeSpan longest = endsByFault && until - now > _step ? _step : until - now; // a fault wakes nobody here
                    _control.Pace.Wait(_gate, longest);
                    continue;
                }

                _nextTick = TimeSpan.MaxValue;
            }

            Do(agreement => agreement.Tick(Now));
        }
    }

    private void Do(Action<Agreement> what)
    {
        lock (_gate)
        {
            _queue.Enqueue(what);
            if (_isWorking)
            {
                return;
            }

            _isWorking = true;
        }

        Work();
    }

    private void Work()
    {
        while (true)
        {
            Action<Agreement>? next;
            Roster? news = null;
            lock (_gate)
            {
                if (!_queue.TryDequeue(out next))
                {
                    _isWorking = false;
                    _nextTick = _agreement.NextTick;
                    news = _outcome is null ? _agreement.Outcome : null;
                    _outcome ??= news;
                    _control.Pace.PulseAll(_gate);
                }
            }

            if (next is null)
            {
                Tell(news);
                return;
            }

            next(_agreement);
            while (_agreement.TryTakeMessage(out int to, out AgreementMessage message))
            {
                _control.SendMembership(to, AgreementCodec.Write(message));
            }
        }
    }

    // The others went on without this rank: its communicator is over, whether it knew of a fault or not.
    private void Tell(Roster? roster)
    {
        if (roster is not null && !roster.Contains(_control.Rank) && !_control.Faults.IsSet)
        {
            _control.Report(Excluded(roster));
            _control.FaultArrived?.Invoke();
        }
    }

    private Fault Excluded(Roster roster) => new()
    {
        Error = Error.Excluded,
        Reporter = roster.Members[0],
        Peer = _control.Rank,
        Message = string.Create(
            CultureInfo.InvariantCulture,
            $"Rank {_control.Rank} was left out: {RankList.InWords(roster.Members)} of {_control.WorldSize} went on without it in epoch {roster.Epoch}, because it did not call Shrink in time or could not be reached. Dispose the communicator; the process can come back as a newcomer (RDMACC_NEWCOMER=1)."),
    };

    private Fault NoQuorum(Agreement agreement, TimeSpan timeout)
    {
        (bool[] these, int count, int all) = agreement.Standing();
        int[] here = [.. these.Index().Where(rank => rank.Item).Select(rank => rank.Index)];
        int[] missing = [.. Enumerable.Range(0, these.Length).Where(rank => !these[rank] && !agreement.Known.IsDead(rank))];
        string others = missing.Length == 0 ? "" : $" {RankList.Capitalized(missing)} {(missing.Length == 1 ? "was" : "were")} not heard of and may live.";
        return new Fault
        {
            Error = Error.NoQuorum,
            Reporter = _control.Rank,
            Peer = -1,
            Message = string.Create(
                CultureInfo.InvariantCulture,
                $"The ranks that are left could not agree to go on: {RankList.InWords(here)} {(here.Length == 1 ? "is" : "are")} {count} of {all} that are not known dead, and within {timeout.TotalSeconds:0.###} s no roster was decided; more than half must take part, or half with the lowest rank.{others} Dispose the communicator, or call Shrink again when they can be reached."),
        };
    }

    // A Grow waits for all members: a quorum is not enough.
    private Fault NotAll(Agreement agreement, TimeSpan timeout)
    {
        bool[] these = agreement.Standing().These;
        int[] missing = [.. these.Index().Where(rank => !rank.Item).Select(rank => rank.Index)];
        string who = missing.Length == 0 ? "the others did not end it" : $"{RankList.InWords(missing)} did not take part";
        return new Fault
        {
            Error = Error.Timeout,
            Reporter = _control.Rank,
            Peer = missing.Length == 1 ? missing[0] : -1,
            Message = string.Create(
                CultureInfo.InvariantCulture,
                $"Grow did not end within {timeout.TotalSeconds:0.###} s (noticed by rank {_control.Rank}): {who}, and it needs all {_control.WorldSize} ranks. All ranks call Grow in the same place among their calls; Shrink makes a communicator of those that can be reached."),
        };
    }

    private Fault LinkEnd(string reason) => new()
    {
        Error = Error.ControlPlane,
        Reporter = _control.Rank,
        Peer = -1,
        Message = $"Rank {_control.Rank} cannot agree with others to go on: {reason}",
    };
}
