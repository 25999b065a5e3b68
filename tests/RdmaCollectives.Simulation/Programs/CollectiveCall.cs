using RdmaCollectives.Schedules;

namespace RdmaCollectives.Simulation.Programs;

/// <summary>One collective of one rank: its buffers, the call in three forms, and what must come of it.</summary>
internal sealed unsafe class CollectiveCall
{
    private readonly Communicator _communicator;
    private readonly CollectiveKind _kind;
    private readonly int _call;
    private readonly int _count;
    private readonly int _root;
    private readonly OperationOptions _options;
    private readonly GuardedBuffer _send;
    private readonly GuardedBuffer _receive;

    public CollectiveCall(Communicator communicator, CollectiveKind kind, int call, int count, int root, string? algorithm, Func<int, GuardedBuffer> make)
    {
        _communicator = communicator;
        _kind = kind;
        _call = call;
        _count = count;
        _root = root % communicator.WorldSize;
        _options = new OperationOptions { Algorithm = algorithm };
        (int sent, int received) = Lengths(kind, count, communicator.WorldSize);
        _send = make(sent);
        _receive = make(received);
        for (int i = 0; i < sent; i++)
        {
            _send.Elements[i] = Values.Of(call, communicator.Rank, i);
        }

        if (kind == CollectiveKind.Broadcast && IsRoot)
        {
            _send.Elements.CopyTo(_receive.Elements);
        }
    }

    private bool IsRoot => _communicator.Rank == _root;

    private Memory<int> Send => _send.Memory;

    private Memory<int> Receive => _receive.Memory;

    public void Run()
    {
        nuint count = (nuint)_count;
        switch (_kind)
        {
            case CollectiveKind.AllReduce:
                _communicator.AllReduce(_send.Address, _receive.Address, count, DataType.Int32, ReduceOp.Sum, _options);
                break;
            case CollectiveKind.Reduce:
                _communicator.Reduce(_send.Address, _receive.Address, count, DataType.Int32, ReduceOp.Sum, _root, _options);
                break;
            case CollectiveKind.Broadcast:
                _communicator.Broadcast(_receive.Address, count, DataType.Int32, _root, _options);
                break;
            case CollectiveKind.AllGather:
                _communicator.AllGather(_send.Address, _receive.Address, count, DataType.Int32, _options);
                break;
            case CollectiveKind.ReduceScatter:
                _communicator.ReduceScatter(_send.Address, _receive.Address, count, DataType.Int32, ReduceOp.Sum, _options);
                break;
            case CollectiveKind.AllToAll:
                _communicator.AllToAll(_send.Address, _receive.Address, count, DataType.Int32, _options);
                break;
            case CollectiveKind.Gather:
                _communicator.Gather(_send.Address, _receive.Address, count, DataType.Int32, _root, _options);
                break;
            case CollectiveKind.Scatter:
                _communicator.Scatter(_send.Address, _receive.Address, count, DataType.Int32, _root, _options);
                break;
            default:
                _communicator.Barrier(_options);
                break;
        }
    }

    public ValueTask RunAsync(CancellationToken token) => _kind switch
    {
        CollectiveKind.AllReduce => _communicator.AllReduceAsync(Send, Receive, ReduceOp.Sum, _options, token),
        CollectiveKind.Reduce => _communicator.ReduceAsync(Send, Receive, ReduceOp.Sum, _root, _options, token),
        CollectiveKind.Broadcast => _communicator.BroadcastAsync(Receive, _root, _options, token),
        CollectiveKind.AllGather => _communicator.AllGatherAsync(Send, Receive, _options, token),
        CollectiveKind.ReduceScatter => _communicator.ReduceScatterAsync(Send, Receive, ReduceOp.Sum, _options, token),
        CollectiveKind.AllToAll => _communicator.AllToAllAsync(Send, Receive, _options, token),
        CollectiveKind.Gather => _communicator.GatherAsync(Send, Receive, _root, _options, token),
        CollectiveKind.Scatter => _communicator.ScatterAsync(Send, Receive, _root, _options, token),
        _ => _communicator.BarrierAsync(_options, token),
    };

    public void AddTo(OperationGroup group)
    {
        if (_kind == CollectiveKind.AllReduce)
        {
            group.AllReduce(Send, Receive, ReduceOp.Sum, _options);
        }
        else
        {
            group.Broadcast(Receive, _root, _options);
        }
    }

    public void Scribble()
    {
        _send.Scribble();
        _receive.Scribble();
    }

    /// <summary>Null where the result is right.</summary>
    public string? Complaint()
    {
        int ranks = _communicator.WorldSize;
        int rank = _communicator.Rank;
        for (int i = 0; i < _receive.Count; i++)
        {
            int block = _count == 0 ? 0 : i / _count;
            int place = _count == 0 ? 0 : i % _count;
            int? expected = _kind switch
            {
                CollectiveKind.AllReduce => Values.Sum(_call, ranks, i),
                CollectiveKind.Reduce when IsRoot => Values.Sum(_call, ranks, i),
                CollectiveKind.Broadcast => Values.Of(_call, _root, i),
                CollectiveKind.AllGather => Values.Of(_call, block, place),
                CollectiveKind.ReduceScatter when block == 0 => Values.Sum(_call, ranks, (rank * _count) + i),
                CollectiveKind.AllToAll => Values.Of(_call, block, (rank * _count) + place),
                CollectiveKind.Gather when IsRoot => Values.Of(_call, block, place),
                CollectiveKind.Scatter => Values.Of(_call, _root, (rank * _count) + i),
                _ => null,
            };
            if (expected is { } value && _receive.Elements[i] != value)
            {
                return $"element {i} of {_kind} over {ranks} ranks with {_count} elements, root {_root}, algorithm {_options.Algorithm ?? "chosen"}, is 0x{_receive.Elements[i]:x}, not 0x{value:x}";
            }
        }

        return null;
    }

    private static (int Sent, int Received) Lengths(CollectiveKind kind, int count, int ranks) => kind switch
    {
        CollectiveKind.AllGather or CollectiveKind.Gather => (count, count * ranks),
        CollectiveKind.ReduceScatter or CollectiveKind.Scatter => (count * ranks, count),
        CollectiveKind.AllToAll => (count * ranks, count * ranks),
        CollectiveKind.Barrier => (0, 0),
        _ => (count, count),
    };
}
