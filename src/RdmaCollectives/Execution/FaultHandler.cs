using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Planning;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Execution;

/// <summary>
/// The end of a call that cannot go on: turns what stopped it into the fault of the communicator, and what the ranks agree on into the exception of this call. It never blocks: whoever drives the call asks again
/// until there is an exception, so that other communicators on the same thread go on meanwhile.
/// <code>
/// fence -> report -> collect -> throw
///       -> await word of a death (a connection ended) -> report ...
///       -> ask the peer for its call (a message did not fit) -> report ...
/// </code>
/// The fence comes first always: nobody can write to the caller's memory any more. Then the others are told; they and this rank tell each other what they know and do (<see cref="Inquest"/>), and all throw the
/// same verdict.
/// </summary>
internal sealed class FaultHandler(IControlPlane control, Transport[] transports)
{
    /// <summary>A connection without contact: how long the control plane gets to say who died, before it is called a transport fault.</summary>
    private static readonly TimeSpan WordOnDeath = TimeSpan.FromMilliseconds(500);

    /// <summary>The same where the other end closed it, which it does not without a reason. On a starved machine the reason of a living rank, that a third one died, took longer than the time above.</summary>
    private static readonly TimeSpan WordOnClose = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AnswerOnMismatch = TimeSpan.FromMilliseconds(250);

    private Phase _phase;
    private long _phaseEnds;
    private Transport? _failed;
    private ulong _question;
    private Func<CallDescription?, Fault>? _mismatch; // by the peer's call
    private string? _operation;
    private CallDescription? _call;
    private Exception? _cause;
    private int _toldOfMismatch;

    private enum Phase
    {
        Collect,
        AwaitWord,
        AskPeer,
    }

    /// <summary>A call ends by what a pass came to, or by the fault that is set.</summary>
    public void Begin(Advance advance, Executor executor, in CallFrame frame, in CallDescription call)
    {
        _call = call;
        _cause = null;
        _phase = Phase.Collect;
        int leaver = AwaitedPeerThatLeft(frame.Work); // before the fence: a connection that is fenced shows no message, and the call would seem to wait for another rank
        string awaited = InWords(frame.Work);
        Fence();
        if (control.Faults.IsSet)
        {
            return;
        }

        if (advance == Advance.Mismatch)
        {
            AskPeer(executor, call);
        }
        else if (advance == Advance.TransportFailed)
        {
            _failed = Array.Find(transports, transport => transport.Failure is not null)!;
            _phase = Phase.AwaitWord;
            _phaseEnds = control.Pace.Timestamp + Ticks.Of(TimeForWord(_failed.Failure!));
        }
        else if (advance == Advance.ReducerThrew)
        {
            _cause = executor.ReducerError;
            Report(new Fault { Error = Error.Reducer, Reporter = control.Rank, Peer = control.Rank, Call = call, Message = $"The reducer of rank {control.Rank} threw {_cause!.GetType().Name}: {_cause.Message}" });
        }
        else if (leaver >= 0)
        {
            Report(Left(leaver));
        }
        else
        {
            Report(new Fault { Error = Error.Timeout, Reporter = control.Rank, Peer = -1, Call = call, Message = $"{call} was not complete within its deadline on rank {control.Rank}: {awaited}." });
        }
    }

    /// <summary>How long the control plane gets to say why, before a failure is called a transport fault.</summary>
    public static TimeSpan TimeForWord(TransportFailure failure) => failure.WasClosedThere ? WordOnClose : failure.ConnectionEnded ? WordOnDeath : TimeSpan.Zero;

    /// <summary>A call ends by a fault that this rank found.</summary>
    public void Begin(Fault found, in CallDescription call)
    {
        _call = call;
        _cause = null;
        _phase = Phase.Collect;
        Fence();
        Report(found);
    }

    /// <summary>A call ends before it began, as the communicator is at fault.</summary>
    public void Begin(string operation)
    {
        _call = null;
        _operation = operation;
        _cause = null;
        _phase = Phase.Collect;
    }

    /// <summary>The exception of the call that ends, or null: ask again.</summary>
    public Exception? TryEnd()
    {
        if (_phase != Phase.Collect && !IsReported())
        {
            return null;
        }

        if (control.TryGetVerdict() is not { } verdict)
        {
            return null;
        }

        string operation = _call?.ToString() ?? _operation!;
        ulong sequence = _call?.Sequence ?? 0;
        if (verdict.Error == Error.Mismatch && Interlocked.Exchange(ref _toldOfMismatch, 1) == 0)
        {
            return MismatchException(verdict, operation, sequence);
        }

        return new CommunicatorFaultException(verdict, operation, sequence, _cause);
    }

    /// <summary>An operation was cancelled by its token after it was queued: a fault of the communicator on all ranks.</summary>
    public void ReportCanceled(string call)
    {
        Fence();
        Report(new Fault { Error = Error.Canceled, Reporter = control.Rank, Peer = control.Rank, Message = $"Rank {control.Rank} cancelled {call}. Cancelling a queued operation ends the communicator on all ranks." });
    }

    /// <summary>What the cancelled operation itself throws.</summary>
    public static OperationCanceledException Canceled(CancellationToken token, string call) =>
        new($"{call} was cancelled; the communicator is at fault on all ranks.", token);

    /// <summary>
    /// No call will look at the transports any more: what a returned call handed over and could not be delivered is told now, or those who wait for it would only learn that this rank has left. The end of a connection
    /// is nothing to tell: its other end leaves too.
    /// </summary>
    public void ReportUndelivered()
    {
        if (!control.Faults.IsSet && Array.Find(transports, transport => transport.Failure is { ConnectionEnded: false }) is { } failed)
        {
            Fence();
            Report(FailureOf(failed));
        }
    }

    public void Fence()
    {
        foreach (Transport transport in transports)
        {
            transport.Fence();
        }
    }

    private void Report(Fault fault) => control.Report(fault);

    // What had to be found out before the others are told, has been, or somebody else was first.
    private bool IsReported()
    {
        bool isLate = control.Pace.Timestamp >= _phaseEnds;
        if (control.Faults.IsSet)
        {
            control.Forget(_question);
        }
        else if (_phase == Phase.AwaitWord)
        {
            TransportFailure failure = _failed!.Failure!;
            bool hasLeft = failure.Peer >= 0 && control.HasLeft(failure.Peer);
            if (!hasLeft && !isLate)
            {
                return false;
            }

            Report(hasLeft ? Left(failure.Peer) : FailureOf(_failed));
        }
        else
        {
            bool hasAnswered = control.TryTakeAnswer(_question, out RankStatus? status);
            if (!hasAnswered && !isLate)
            {
                return false;
            }

            control.Forget(_question);
            Report(_mismatch!(status?.Asked));
        }

        _phase = Phase.Collect;
        return true;
    }

    private void AskPeer(Executor executor, CallDescription call)
    {
        (Connection connection, MessageHeader expected, MessageHeader found) = executor.Mismatch;
        string sent = found.Kind != expected.Kind ? (found.Kind == MessageKind.PointToPoint ? "a point-to-point message" : "a message of a collective")
            : found.Kind == MessageKind.PointToPoint ? "a transfer of another type or count"
            : found.Sequence != expected.Sequence ? "a message of another call in the order of calls" : found.Hash != expected.Hash ? "a message of a different call" : "a message of another size";
        int peer = connection.Peer;
        _mismatch = theirs => MismatchFaults.OfMessage(control.Rank, call, peer, theirs, sent);
        _question = control.Ask(peer, found.Kind == MessageKind.Data ? SequenceNear(call.Sequence, found.Sequence) : TransferLog.KeyOf(control.Rank, found.Sequence));
        _phase = Phase.AskPeer;
        _phaseEnds = _question == 0 ? 0 : control.Pace.Timestamp + Ticks.Of(AnswerOnMismatch);
    }

    private CollectiveMismatchException MismatchException(Fault verdict, string operation, ulong sequence)
    {
        string? reporters = verdict.Call?.ToString();
        string? peers = verdict.PeerCall?.ToString();
        return control.Rank == verdict.Reporter ? new CollectiveMismatchException(verdict, reporters ?? operation, peers, sequence)
            : control.Rank == verdict.Peer ? new CollectiveMismatchException(verdict, peers ?? operation, reporters, sequence)
            : new CollectiveMismatchException(verdict, operation, string.Equals(operation, reporters, StringComparison.Ordinal) ? peers : reporters, sequence);
    }

    private Fault FailureOf(Transport failed) => new()
    {
        Error = Error.Transport,
        Reporter = control.Rank,
        Peer = failed.Failure!.Peer,
        Call = _call,
        NativeError = failed.Failure.NativeError,
        Message = $"{failed.Name} failed on rank {control.Rank}: {failed.Failure.Message}",
    };

    private Fault Left(int peer) => new()
    {
        Error = Error.PeerLeft,
        Reporter = control.Rank,
        Peer = peer,
        Call = _call,
        Message = $"Rank {peer} has left (disposed its communicator), and rank {control.Rank} still needs it: all ranks must make the same calls before they dispose.",
    };

    // The header has the low 32 bits only; the peer is near.
    private static ulong SequenceNear(ulong own, uint low) => (ulong)((long)own + (int)(low - (uint)own));

    /// <summary>A peer that this call waits for and that has said goodbye, or -1. Asked only after a pass in which nothing moved.</summary>
    public int AwaitedPeerThatLeft(Work work)
    {
        foreach (Connection connection in work.Awaited)
        {
            if (control.HasLeft(connection.Peer))
            {
                return connection.Peer;
            }
        }

        foreach (Connection connection in work.SendConnections)
        {
            if (!connection.IsDrained && control.HasLeft(connection.Peer))
            {
                return connection.Peer;
            }
        }

        return -1;
    }

    /// <summary>The rank without which nothing moves, the first of several, or -1. Asked only after a pass in which nothing moved.</summary>
    public static int Awaited(Work work)
    {
        ReadOnlySpan<Connection> awaited = work.Awaited;
        if (awaited.Length > 0)
        {
            return awaited[0].Peer;
        }

        foreach (Connection connection in work.SendConnections)
        {
            if (!connection.IsDrained)
            {
                return connection.Peer;
            }
        }

        return -1;
    }

    private static string InWords(Work work)
    {
        int[] peers = [.. work.Awaited.ToArray().Select(connection => connection.Peer).Distinct().Order()];
        return peers.Length > 0 ? $"it waits for {RankNames.InWords(peers, isChoice: false)}"
            : work is TransferSet { Lanes.Length: 1 } set && set.Lanes[0].Peer == Transfer.Any ? "no rank has sent"
            : "its messages were not taken";
    }
}
