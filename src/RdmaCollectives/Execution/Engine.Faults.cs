using System.Runtime.CompilerServices;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Execution;

/// <summary>When a call cannot go on, and what this rank tells others of itself.</summary>
internal sealed unsafe partial class Engine
{
    /// <summary>Makes the communicator unusable on every rank, at once and from any thread.</summary>
    public void Abort(Error error, string reason)
    {
        lock (_stopGate)
        {
            if (!_isStopped)
            {
                _control.Report(new Fault { Error = error, Reporter = _control.Rank, Peer = _control.Rank, Message = reason });
                Wake();
            }
        }
    }

    // The first part of the end of a call that cannot go on.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void BeginEnd(Advance advance, in CallFrame frame)
    {
        if (advance <= Advance.Moved)
        {
            _stall.NoteBlockage(frame.Work); // so that the verdict can say what it waits for
        }

        if (Interlocked.Exchange(ref _found, null) is { } found)
        {
            _faults.Begin(found, _preparer.Current);
        }
        else
        {
            _faults.Begin(advance, _executor, frame, _preparer.Current);
        }
    }

    // What this rank tells others of itself; on the control thread.
    private RankStatus Status(ulong sequence) => _board.Read() with { Queued = Math.Max(0, _queue.Count - 1), Asked = TransferLog.IsKey(sequence) ? _preparer.Sends.Find(sequence) : _preparer.Calls.Find(sequence) };

    /// <summary>Between two passes: whether the call has to end. The common case is one volatile read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool MustEnd(Advance advance, in CallFrame frame)
    {
        if (advance == Advance.Moved)
        {
            _recorder?.Moved(atOnce: _idlePasses == 0);
            _idlePasses = 0;
            _leftSince = 0;
            _stall.Reset();
        }
        else if (_looksAtOnce && advance == Advance.Idle && _idlePasses == 0)
        {
            _recorder?.Waiting(FaultHandler.Awaited(frame.Work), _pace.Timestamp);
        }

        return advance > Advance.Moved || _fault.IsSet || (advance == Advance.Idle && (++_idlePasses & _betweenLooks) == 0 && IsOver(frame));
    }

    // The deadline has passed, or a peer that we wait for has left and nothing has come since, or it was found that nothing can come.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsOver(in CallFrame frame)
    {
        long now = _pace.Timestamp;
        _recorder?.Waiting(FaultHandler.Awaited(frame.Work), now);
        if (_faults.AwaitedPeerThatLeft(frame.Work) < 0)
        {
            _leftSince = 0;
        }
        else if (_leftSince == 0)
        {
            _leftSince = now;
        }

        _found = _stall.Advance(now, frame.Work, _preparer.Current);
        return _found is not null || now > frame.Deadline || (_leftSince != 0 && now - _leftSince > Ticks.Of(LeftGrace));
    }
}
