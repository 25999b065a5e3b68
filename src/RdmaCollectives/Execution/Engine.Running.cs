using RdmaCollectives.Planning;

namespace RdmaCollectives.Execution;

/// <summary>How a call is run: here, behind queued ones, or from the queue.</summary>
internal sealed unsafe partial class Engine
{
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

    private int RunHere(in Call call)
    {
        Prepare(call, out CallFrame frame);
        while (true)
        {
            Advance advance = _executor.Pass(ref frame);
            Exception? stopped = advance == Advance.Done ? null : Check(advance, frame);
            if (advance == Advance.Done || stopped is not null)
            {
                _waiter.Reset(frame.Work.Transports);
                Finish(frame, isComplete: stopped is null);
                return stopped is null ? SourceOf(frame) : throw stopped;
            }

            if (advance == Advance.Moved)
            {
                _waiter.Reset(frame.Work.Transports);
            }
            else
            {
                _waiter.Turn(frame.Work.Transports);
            }
        }
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
            if (!_control.Faults.IsSet)
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
        try
        {
            operation.Group?.Stages[operation.Stage].Begin();
            Prepare(operation.Group is { } group ? group.Stages[operation.Stage].Call : operation.Call, out _frame);
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
