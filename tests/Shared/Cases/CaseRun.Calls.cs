namespace RdmaCollectives.Testing;

/// <summary>The calls themselves, each in its three forms.</summary>
internal sealed unsafe partial class CaseRun<T>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private void Call()
    {
        switch (what.Form)
        {
            case CallForm.Memory:
                Wait(CallMemory());
                break;
            case CallForm.Pointer:
                fixed (T* send = _send.Span)
                fixed (T* receive = _receive.Span)
                {
                    CallPointers(send, receive);
                }

                break;
            default:
                CallSpans(_send.Span, _receive.Span);
                break;
        }
    }

    private void CallSpans(Span<T> send, Span<T> receive)
    {
        Communicator c = communicator;
        switch (what.Kind)
        {
            case CaseKind.AllReduce when what.InPlace: c.AllReduce(send, what.Op, _options); break;
            case CaseKind.AllReduce: c.AllReduce<T>(send, receive, what.Op, _options); break;
            case CaseKind.Reduce when what.InPlace: c.Reduce(send, what.Op, _root, _options); break;
            case CaseKind.Reduce: c.Reduce<T>(send, receive, what.Op, _root, _options); break;
            case CaseKind.Broadcast: c.Broadcast(receive, _root, _options); break;
            case CaseKind.AllGather when what.InPlace: c.AllGather(receive, _options); break;
            case CaseKind.AllGather: c.AllGather<T>(send, receive, _options); break;
            case CaseKind.AllGatherV: c.AllGather<T>(send, receive, _receiveShape.Counts, _receiveShape.Displacements, _options); break;
            case CaseKind.ReduceScatter when what.InPlace: c.ReduceScatter(send, what.Op, _options); break;
            case CaseKind.ReduceScatter: c.ReduceScatter<T>(send, receive, what.Op, _options); break;
            case CaseKind.ReduceScatterV: c.ReduceScatter<T>(send, receive, _sendShape.Counts, what.Op, _options); break;
            case CaseKind.AllToAll when what.InPlace: c.AllToAll(send, _options); break;
            case CaseKind.AllToAll: c.AllToAll<T>(send, receive, _options); break;
            case CaseKind.AllToAllV: c.AllToAll<T>(send, _sendShape.Counts, _sendShape.Displacements, receive, _receiveShape.Counts, _receiveShape.Displacements, _options); break;
            case CaseKind.Gather: c.Gather<T>(send, receive, _root, _options); break;
            case CaseKind.GatherV: c.Gather<T>(send, receive, CountsOfRoot(_receiveShape), DisplacementsOfRoot(_receiveShape), _root, _options); break;
            case CaseKind.Scatter: c.Scatter<T>(send, receive, _root, _options); break;
            case CaseKind.ScatterV: c.Scatter<T>(send, CountsOfRoot(_sendShape), DisplacementsOfRoot(_sendShape), receive, _root, _options); break;
            default: throw NoCollective();
        }
    }

    private ValueTask CallMemory()
    {
        Communicator c = communicator;
        return what.Kind switch
        {
            CaseKind.AllReduce => what.InPlace ? c.AllReduceAsync(_send, what.Op, _options) : c.AllReduceAsync<T>(_send, _receive, what.Op, _options),
            CaseKind.Reduce => c.ReduceAsync<T>(_send, _receive, what.Op, _root, _options),
            CaseKind.Broadcast => c.BroadcastAsync(_receive, _root, _options),
            CaseKind.AllGather => c.AllGatherAsync<T>(_send, _receive, _options),
            CaseKind.AllGatherV => c.AllGatherAsync<T>(_send, _receive, _receiveShape.Counts, _receiveShape.Displacements, _options),
            CaseKind.ReduceScatter => c.ReduceScatterAsync<T>(_send, _receive, what.Op, _options),
            CaseKind.ReduceScatterV => c.ReduceScatterAsync<T>(_send, _receive, _sendShape.Counts, what.Op, _options),
            CaseKind.AllToAll => c.AllToAllAsync<T>(_send, _receive, _options),
            CaseKind.AllToAllV => c.AllToAllAsync<T>(_send, _sendShape.Counts, _sendShape.Displacements, _receive, _receiveShape.Counts, _receiveShape.Displacements, _options),
            CaseKind.Gather => c.GatherAsync<T>(_send, _receive, _root, _options),
            CaseKind.GatherV => c.GatherAsync<T>(_send, _receive, CountsOfRoot(_receiveShape), DisplacementsOfRoot(_receiveShape), _root, _options),
            CaseKind.Scatter => c.ScatterAsync<T>(_send, _receive, _root, _options),
            CaseKind.ScatterV => c.ScatterAsync<T>(_send, CountsOfRoot(_sendShape), DisplacementsOfRoot(_sendShape), _receive, _root, _options),
            _ => throw NoCollective(),
        };
    }

    private void CallPointers(T* send, T* receive)
    {
        Communicator c = communicator;
        nuint count = (nuint)what.Count;
        DataType type = what.Type;
        switch (what.Kind)
        {
            case CaseKind.AllReduce: c.AllReduce(send, receive, count, type, what.Op, _options); break;
            case CaseKind.Reduce: c.Reduce(send, receive, count, type, what.Op, _root, _options); break;
            case CaseKind.Broadcast: c.Broadcast(receive, count, type, _root, _options); break;
            case CaseKind.AllGather: c.AllGather(send, receive, count, type, _options); break;
            case CaseKind.AllGatherV: c.AllGather(send, receive, Wide(_receiveShape.Counts), Wide(_receiveShape.Displacements), type, _options); break;
            case CaseKind.ReduceScatter: c.ReduceScatter(send, receive, count, type, what.Op, _options); break;
            case CaseKind.ReduceScatterV: c.ReduceScatter(send, receive, Wide(_sendShape.Counts), type, what.Op, _options); break;
            case CaseKind.AllToAll: c.AllToAll(send, receive, count, type, _options); break;
            case CaseKind.AllToAllV: c.AllToAll(send, Wide(_sendShape.Counts), Wide(_sendShape.Displacements), receive, Wide(_receiveShape.Counts), Wide(_receiveShape.Displacements), type, _options); break;
            case CaseKind.Gather: c.Gather(send, receive, count, type, _root, _options); break;
            case CaseKind.GatherV: c.Gather(send, (nuint)_send.Length, receive, Wide(CountsOfRoot(_receiveShape)), Wide(DisplacementsOfRoot(_receiveShape)), type, _root, _options); break;
            case CaseKind.Scatter: c.Scatter(send, receive, count, type, _root, _options); break;
            case CaseKind.ScatterV: c.Scatter(send, Wide(CountsOfRoot(_sendShape)), Wide(DisplacementsOfRoot(_sendShape)), receive, (nuint)_receive.Length, type, _root, _options); break;
            default: throw NoCollective();
        }
    }

    private void CallBarrier()
    {
        if (what.Form == CallForm.Memory)
        {
            Wait(communicator.BarrierAsync(_options));
        }
        else
        {
            communicator.Barrier(_options);
        }
    }

    private void CallSend(int destination)
    {
        fixed (T* send = _send.Span)
        {
            switch (what.Form)
            {
                case CallForm.Memory: Wait(communicator.SendAsync<T>(_send, destination)); break;
                case CallForm.Pointer: communicator.Send(send, (nuint)what.Count, what.Type, destination); break;
                default: communicator.Send<T>(_send.Span, destination); break;
            }
        }
    }

    private void CallReceive(int source)
    {
        fixed (T* receive = _receive.Span)
        {
            switch (what.Form)
            {
                case CallForm.Memory: Wait(communicator.ReceiveAsync(_receive, source)); break;
                case CallForm.Pointer: communicator.Receive(receive, (nuint)what.Count, what.Type, source); break;
                default: communicator.Receive(_receive.Span, source); break;
            }
        }
    }

    private int CallReceiveAny()
    {
        fixed (T* receive = _receive.Span)
        {
            return what.Form switch
            {
                CallForm.Memory => WaitForSource(communicator.ReceiveAnyAsync(_receive)),
                CallForm.Pointer => communicator.ReceiveAny(receive, (nuint)what.Count, what.Type),
                _ => communicator.ReceiveAny(_receive.Span),
            };
        }
    }

    private void CallSendReceive(int destination, int source)
    {
        fixed (T* send = _send.Span)
        fixed (T* receive = _receive.Span)
        {
            switch (what.Form)
            {
                case CallForm.Memory: Wait(communicator.SendReceiveAsync<T>(_send, destination, _receive, source)); break;
                case CallForm.Pointer: communicator.SendReceive(send, (nuint)what.Count, destination, receive, (nuint)what.Count, source, what.Type); break;
                default: communicator.SendReceive<T>(_send.Span, destination, _receive.Span, source); break;
            }
        }
    }

    // Only the root says the sizes of a gather or scatter; what the others pass has no meaning.
    private int[] CountsOfRoot(BlockShape shape) => IsRoot ? shape.Counts : [];

    private int[] DisplacementsOfRoot(BlockShape shape) => IsRoot ? shape.Displacements : [];

    private static nuint[] Wide(int[] numbers) => [.. numbers.Select(number => (nuint)number)];

    private void Wait(ValueTask running)
    {
        if (!running.AsTask().Wait(Deadline))
        {
            throw new TimeoutException($"{what}: not complete after {Deadline.TotalSeconds} s.");
        }
    }

    private int WaitForSource(ValueTask<int> running)
    {
        Task<int> task = running.AsTask();
        return task.Wait(Deadline) ? task.Result : throw new TimeoutException($"{what}: not complete after {Deadline.TotalSeconds} s.");
    }

    private InvalidOperationException NoCollective() => new($"{what.Kind} is no collective.");
}
