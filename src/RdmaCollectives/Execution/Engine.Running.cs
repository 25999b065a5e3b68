using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Planning;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Execution;

/// <summary>How a call is run: here, behind queued ones, or from the queue.</summary>
internal sealed unsafe partial class Engine
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int RunHere(GroupProgram group)
    {
        foreach (GroupStage stage in group.Stages)
        {
            stage.Begin();
            RunHere(stage.Call);
            stage.End();
        }

        return -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int RunHere(in Call call)
    {
        if (_fault.IsSet)
        {
            _faults.Begin(call.Describe(0, 0, 0).Words);
            ThrowWhenEnded();
        }

        Prepare(call, out CallFrame frame);
        ReadOnlySpan<Transport> transports = frame.Work.Transports;
        bool isSmall = frame.Plan is { } plan ? plan.IsSmall : ((TransferSet)frame.Work).ByteCount < Plan.SendFromBytes;
        if (!isSmall)
        {
            Begin(call, ref frame);
        }

        Advance advance = _executor.Pass(ref frame);
        if (isSmall)
        {
            Begin(call, ref frame); // now its message is on the way, and this takes no time of the call's
        }

        while (true)
        {
            if (advance == Advance.Done)
            {
                Settle(transports);
                _waiter.Reset(transports);
                Finish(frame, isComplete: true);
                return SourceOf(frame);
            }

            if (MustEnd(advance, frame))
            {
                Settle(transports);
                _waiter.Reset(transports);
                BeginEnd(advance, frame);
                try
                {
                    ThrowWhenEnded();
                }
                finally
                {
                    Finish(frame, isComplete: false);
                }
            }

            if (advance == Advance.Moved)
            {
                _waiter.Reset(transports);
            }
            else
            {
                _waiter.Turn(transports);
            }

            advance = _executor.Pass(ref frame);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Settle(ReadOnlySpan<Transport> transports)
    {
        foreach (Transport transport in transports)
        {
            transport.Settle();
        }
    }

    [DoesNotReturn]
    private void ThrowWhenEnded()
    {
        while (true)
        {
            if (_faults.TryEnd() is { } error)
            {
                throw error;
            }

            _pace.Idle(Inquest.Patience);
        }
    }

    // The end of the queued operation that cannot go on; false while it is not complete.
    private bool TryEnd()
    {
        if (_faults.TryEnd() is not { } error)
        {
            return false;
        }

        _isEnding = false;
        if (_frame.Work is not null)
        {
            Finish(_frame, isComplete: false);
        }

        Operation operation = _current!;
        Complete(operation.IsCanceled ? FaultHandler.Canceled(operation.Token, operation.Describe()) : error);
        return true;
    }

    // The caller waits here for its turn: the memory it pinned stays pinned, so nothing has to be copied.
    private int RunBehind(in Call call, GroupProgram? group)
    {
        Operation operation = Pool.Rent();
        operation.Call = call;
        operation.Group = group;
        operation.Done = _behind;
        _behind.Reset();
        ValueTask<int> task = operation.TaskOfSource;
        Enqueue(operation);
        _behind.Wait();
        return task.GetAwaiter().GetResult();
    }

    private static int SourceOf(in CallFrame frame) => frame.Plan is null ? ((TransferSet)frame.Work).Source : -1;

    private void Enqueue(Operation operation)
    {
        ProgressThread progress = ProgressThread.Of(_pace); // before the queue: nothing throws once the operation is in it
        _queue.Enqueue(operation);
        progress.Add(this);
    }

    // Takes the next operation. False when there is none; one that cannot start is complete already.
    private bool TryStartNext()
    {
        _current = _queue.TryDequeue();
        if (_current is null)
        {
            return false;
        }

        if (_current.IsCanceled)
        {
            if (!_fault.IsSet)
            {
                _faults.ReportCanceled(_current.Describe());
            }

            Complete(FaultHandler.Canceled(_current.Token, _current.Describe()));
            return true;
        }

        Start(_current);
        return true;
    }

    // Starts the call, or the group's stage that is next. One that cannot start is complete.
    private void Start(Operation operation)
    {
        if (_fault.IsSet)
        {
            _frame = default;
            _faults.Begin(operation.Describe());
            _isEnding = true;
            return;
        }

        try
        {
            operation.Group?.Stages[operation.Stage].Begin();
            ref readonly Call call = ref operation.Group is null ? ref operation.Call : ref operation.Group.Stages[operation.Stage].Call;
            Prepare(call, out _frame);
            Begin(call, ref _frame);
        }
        catch (Exception error)
        {
            Complete(error);
        }
    }

    // A group goes on with its next stage; false where there is none.
    private bool TryGoOn(Operation operation)
    {
        if (operation.Group is not { } group)
        {
            return false;
        }

        group.Stages[operation.Stage].End();
        if (++operation.Stage == group.Stages.Length)
        {
            return false;
        }

        Start(operation);
        return true;
    }

    private void Complete(Exception? error)
    {
        Operation operation = _current!;
        _current = null;
        operation.StopWatching();
        Interlocked.CompareExchange(ref _canceled, null, operation); // a token that came too late cancels nothing
        _queue.Completed(); // before the continuation can look
        operation.Complete(error);
    }
}
