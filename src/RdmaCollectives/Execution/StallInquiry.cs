using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Planning;

namespace RdmaCollectives.Execution;

/// <summary>
/// Finds out whether a call in which nothing moves can ever end. Most stalls are nothing but a rank that computes; but ranks that made calls that do not go together may exchange no message by which they would
/// notice. After 100 ms it asks the ranks that it waits for what they do, then those that these wait for, and so on. Another call under the same number is a mismatch at once. A circle of ranks that
/// wait for each other (<see cref="WaitGraph"/>) is one when three looks have found it unchanged.
/// <code>
/// idle --100 ms--> asking --all have answered, or 500 ms--> waiting for the next look --> asking ...        anything moves: idle
/// </code>
/// Never blocks; the holder of the progress token calls it between idle passes.
/// </summary>
internal sealed class StallInquiry(IControlPlane control, CallBoard board, TransferSet transfers)
{
    /// <summary>Looks that have to find the same circle. Two would do; the third costs a tenth of a second.</summary>
    private const int LooksForAVerdict = 3;

    private static readonly long s_first = Ticks.Of(TimeSpan.FromMilliseconds(100));
    private static readonly long s_again = Ticks.Of(TimeSpan.FromMilliseconds(110));
    private static readonly long s_longestLook = Ticks.Of(TimeSpan.FromMilliseconds(500));
    private static readonly long s_longestPause = Ticks.Of(TimeSpan.FromSeconds(5));

    private readonly Dictionary<int, ulong> _questions = []; // by the peer that was asked
    private readonly Dictionary<int, RankStatus> _answers = [];
    private readonly HashSet<int> _asked = [];
    private (int Rank, ulong Blockage)[] _circle = [];
    private ulong _number;
    private long _next; // the next look; 0: nothing has stalled
    private long _pause;
    private long _lookEnds; // 0: none is under way
    private int _looks;

    /// <summary>Something has moved, or another call begins.</summary>
    public void Reset()
    {
        if (_next != 0)
        {
            Stop();
        }
    }

    /// <summary>A look at the clock in an idle call. The fault that was found, or null.</summary>
    public Fault? Advance(long now, Work work, in CallDescription call)
    {
        if (_next == 0)
        {
            _next = now + s_first;
            _pause = s_first;
            return null;
        }

        if (_lookEnds == 0)
        {
            if (now >= _next)
            {
                BeginLook(now, work, call);
            }

            return null;
        }

        return Hear(call) ?? (_questions.Count == 0 || now >= _lookEnds ? EndLook(now, call) : null);
    }

    /// <summary>Writes down what the call waits for, unless it is written already.</summary>
    public void NoteBlockage(Work work)
    {
        if (board.Blockage is null)
        {
            board.Block(new Blockage(++_number, work.ListAwaited(), transfers.CountMessages()));
        }
    }

    private void Stop()
    {
        Forget();
        board.Unblock();
        _next = 0;
        _looks = 0;
        _circle = [];
    }

    private void BeginLook(long now, Work work, in CallDescription call)
    {
        NoteBlockage(work);
        _lookEnds = now + s_longestLook;
        RankStatus own = board.Read();
        _answers[control.Rank] = own;
        _asked.Add(control.Rank);
        AskThoseAwaited(own, call);
    }

    private Fault? Hear(in CallDescription call)
    {
        foreach ((int peer, ulong question) in _questions.ToArray())
        {
            if (!control.TryTakeAnswer(question, out RankStatus? status))
            {
                continue;
            }

            _questions.Remove(peer);
            if (status is null)
            {
                continue;
            }

            if (!call.IsTransfer && status.Asked is { } theirs && theirs.Hash() != call.Hash())
            {
                return MismatchFaults.OfCalls(control.Rank, call, peer, theirs);
            }

            _answers[peer] = status;
            AskThoseAwaited(status, call);
        }

        return null;
    }

    private void AskThoseAwaited(RankStatus status, in CallDescription call)
    {
        foreach (AwaitedMessage wait in status.Blockage?.Awaited ?? [])
        {
            if ((uint)wait.Peer < (uint)control.WorldSize && _asked.Add(wait.Peer) && control.Ask(wait.Peer, call.IsTransfer ? 0 : call.Sequence) is var question and not 0)
            {
                _questions[wait.Peer] = question;
            }
        }
    }

    private Fault? EndLook(long now, in CallDescription call)
    {
        var graph = new WaitGraph(_answers);
        bool isStuck = graph.IsStuck(control.Rank);
        (int, ulong)[] circle = isStuck ? [.. graph.Stuck] : [];
        _looks = !isStuck ? 0 : circle.AsSpan().SequenceEqual(_circle) ? _looks + 1 : 1;
        _circle = circle;
        Fault? fault = _looks == LooksForAVerdict ? MismatchFaults.OfCircle(control.Rank, call, graph.Circle(control.Rank), _answers) : null;
        Forget();
        _pause = isStuck ? s_first : Math.Min(2 * _pause, s_longestPause);
        _next = now + (isStuck ? s_again : _pause);
        return fault;
    }

    private void Forget()
    {
        foreach (ulong question in _questions.Values)
        {
            control.Forget(question);
        }

        _questions.Clear();
        _answers.Clear();
        _asked.Clear();
        _lookEnds = 0;
    }
}
