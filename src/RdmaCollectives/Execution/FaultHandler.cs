using System.Globalization;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Planning;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Execution;

/// <summary>
/// Turns what stopped a call into the fault of the communicator and the exception of this call. The order is fixed: fence (nobody can write to the caller's memory any more), report to the
/// other ranks, throw.
/// </summary>
internal sealed class FaultHandler(IControlPlane control, Transport[] transports)
{
    /// <summary>A connection that ended: how long the control plane gets to say who died, before it is called a transport fault.</summary>
    private static readonly TimeSpan WordOnDeath = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan AnswerOnMismatch = TimeSpan.FromMilliseconds(500);

    /// <summary>Short: nothing is wrong in most stalls, and on the progress thread other communicators wait.</summary>
    private static readonly TimeSpan AnswerOnStall = TimeSpan.FromMilliseconds(50);

    /// <summary>Throws where the communicator is at fault already.</summary>
    public void ThrowIfSet()
    {
        if (control.Faults.Current is { } fault)
        {
            throw new CommunicatorFaultException(fault, null, 0);
        }
    }

    /// <summary>The end of a call that cannot go on.</summary>
    public Exception Stop(Advance advance, Executor executor, in CallFrame frame, in CallDescription call)
    {
        if (advance == Advance.Mismatch && !control.Faults.IsSet)
        {
            return Mismatch(executor, call);
        }

        Exception? cause = null;
        if (!control.Faults.IsSet)
        {
            if (advance == Advance.TransportFailed)
            {
                Transport failed = Array.Find(transports, transport => transport.Failure is not null)!;
                Report(failed.Failure!, failed);
            }
            else if (advance == Advance.ReducerThrew)
            {
                cause = executor.ReducerError;
                FenceAndReport(new Fault { Error = Error.Reducer, Reporter = control.Rank, Peer = control.Rank, Message = $"The reducer of rank {control.Rank} threw {cause!.GetType().Name}: {cause.Message}" });
            }
            else if (AwaitedPeerThatLeft(frame.Work) is var leaver and >= 0)
            {
                FenceAndReport(Left(leaver));
            }
            else
            {
                FenceAndReport(new Fault { Error = Error.Timeout, Reporter = control.Rank, Peer = -1, Message = $"{call} was not complete within its deadline on rank {control.Rank}: {InWords(frame.Work)}. Raise the deadline (RDMACC_TIMEOUT) or find out why that rank is late." });
            }
        }

        Fence();
        Fault fault = control.Faults.Current!;
        return fault is { Error: Error.Mismatch, Call: { } peerCall } && fault.Reporter != control.Rank
            ? MismatchException(call, fault.Reporter, peerCall)
            : new CommunicatorFaultException(fault, call.ToString(), call.Sequence, cause);
    }

    /// <summary>An operation was cancelled by its token after it was queued: a fault of the communicator on all ranks.</summary>
    public void ReportCanceled(string call) =>
        FenceAndReport(new Fault { Error = Error.Canceled, Reporter = control.Rank, Peer = control.Rank, Message = $"Rank {control.Rank} cancelled {call}. Cancelling a queued operation ends the communicator on all ranks." });

    /// <summary>What the cancelled operation itself throws.</summary>
    public static OperationCanceledException Canceled(CancellationToken token, string call) =>
        new($"{call} was cancelled; the communicator is at fault on all ranks.", token);

    public void Fence()
    {
        foreach (Transport transport in transports)
        {
            transport.Fence();
        }
    }

    private void FenceAndReport(Fault fault)
    {
        Fence();
        control.Report(fault);
    }

    private void Report(TransportFailure failure, Transport transport)
    {
        Fence();
        if (failure.ConnectionEnded)
        {
            long start = control.Pace.Timestamp;
            while (!control.Faults.IsSet && !HasLeft(failure) && WordOnDeath - control.Pace.Since(start) is var left && left > TimeSpan.Zero)
            {
                control.Pace.Idle(left);
            }
        }

        if (HasLeft(failure))
        {
            control.Report(Left(failure.Peer));
        }
        else if (!control.Faults.IsSet)
        {
            control.Report(new Fault { Error = Error.Transport, Reporter = control.Rank, Peer = failure.Peer, NativeError = failure.NativeError, Message = $"{transport.Name} failed on rank {control.Rank}: {failure.Message}" });
        }
    }

    private bool HasLeft(TransportFailure failure) => failure.Peer >= 0 && control.HasLeft(failure.Peer);

    private Fault Left(int peer) => new()
    {
        Error = Error.PeerLeft,
        Reporter = control.Rank,
        Peer = peer,
        Message = $"Rank {peer} has left (disposed its communicator), and rank {control.Rank} still needs it: all ranks must make the same calls before they dispose.",
    };

    private Exception Mismatch(Executor executor, in CallDescription call)
    {
        (Connection connection, MessageHeader expected, MessageHeader found) = executor.Mismatch;
        string what = found.Kind != expected.Kind ? (found.Kind == MessageKind.PointToPoint ? "a point-to-point message" : "a message of a collective")
            : found.Kind == MessageKind.PointToPoint ? "a transfer of another type or count"
            : found.Sequence != expected.Sequence ? "another call in the order of calls" : found.Hash != expected.Hash ? "a different call" : "a message of another size";
        Fence();
        control.Report(new Fault
        {
            Error = Error.Mismatch,
            Reporter = control.Rank,
            Peer = connection.Peer,
            Call = call,
            Message = $"Ranks {control.Rank} and {connection.Peer} made calls that do not go together: rank {control.Rank} is in {call}, rank {connection.Peer} sent {what}. All ranks must make the same calls with the same arguments in the same order.",
        });
        CallDescription? theirs = found.Kind == MessageKind.Data ? control.AskCall(connection.Peer, SequenceNear(call.Sequence, found.Sequence), AnswerOnMismatch) : null;
        return MismatchException(call, connection.Peer, theirs, what);
    }

    /// <summary>
    /// A collective in which nothing has moved for a while: asks the ranks that it waits for which call they made in its place. Ranks that exchange no message in two different calls (roots that
    /// differ, say) would not notice each other otherwise. Null where they all made the same, or none yet.
    /// </summary>
    public Exception? FindDisagreement(Work work, in CallDescription call)
    {
        foreach (int peer in AwaitedPeers(work))
        {
            if (control.Faults.IsSet || control.AskCall(peer, call.Sequence, AnswerOnStall) is not { } theirs || theirs.Hash() == call.Hash())
            {
                continue;
            }

            FenceAndReport(new Fault
            {
                Error = Error.Mismatch,
                Reporter = control.Rank,
                Peer = peer,
                Call = call,
                Message = $"Ranks {control.Rank} and {peer} made calls that do not go together: rank {control.Rank} is in {call}, rank {peer} in {theirs}. All ranks must make the same calls with the same arguments in the same order.",
            });
            return MismatchException(call, peer, theirs);
        }

        return null;
    }

    private CollectiveMismatchException MismatchException(in CallDescription own, int peer, CallDescription? peerCall, string? sent = null)
    {
        string theirs = peerCall is not { } known ? $"sent {sent ?? "something else"}"
            : known.Sequence == own.Sequence && known.Hash() == own.Hash() ? $"is in it too, and {(sent is null ? "got" : "sent")} {sent ?? "a message of another size"}: the counts that the two gave for each other differ"
            : $"is in {known}";
        string message = string.Create(CultureInfo.InvariantCulture, $"Calls do not go together: this rank {control.Rank} is in {own}, rank {peer} {theirs}. All ranks must make the same calls with the same arguments in the same order.");
        return new CollectiveMismatchException(message, control.Rank, peer, own.ToString(), peerCall?.ToString(), own.Sequence);
    }

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
        int[] peers = AwaitedPeers(work);
        return peers.Length > 0 ? $"it waits for rank {string.Join(" and rank ", peers)}"
            : work is TransferSet { Lanes.Length: 1 } set && set.Lanes[0].Peer == Transfer.Any ? "no rank has sent"
            : "its messages were not taken";
    }

    private static int[] AwaitedPeers(Work work)
    {
        var peers = new SortedSet<int>();
        foreach (Connection connection in work.Awaited)
        {
            peers.Add(connection.Peer);
        }

        return [.. peers];
    }
}
