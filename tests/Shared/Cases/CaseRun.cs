using System.Diagnostics;
using RdmaCollectives.Schedules;

namespace RdmaCollectives.Testing;

/// <summary>One case on one rank: lays out the buffers, says what each should be after the call, calls, compares.</summary>
internal sealed partial class CaseRun<T>(CollectiveCase what, Communicator communicator, CaseValues<T> values) : IDisposable
    where T : unmanaged
{
    private static readonly BlockShape Nothing = new([], [], true, 0);

    private readonly int _rank = communicator.Rank;
    private readonly int _ranks = communicator.WorldSize;
    private readonly int _root = what.RootOf(communicator.WorldSize);
    private readonly OperationOptions _options = new() { Algorithm = what.Algorithm, BitExact = what.BitExact };
    private readonly List<GuardedBuffer<T>> _buffers = [];
    private BlockShape _sendShape = Nothing;
    private BlockShape _receiveShape = Nothing;
    private Memory<T> _send;
    private Memory<T> _receive;

    private bool IsRoot => _rank == _root;

    private bool GivesBlocks => what.Collective is CollectiveKind.ReduceScatter or CollectiveKind.AllToAll or CollectiveKind.Scatter;

    private bool GetsBlocks => what.Collective is CollectiveKind.AllGather or CollectiveKind.AllToAll or CollectiveKind.Gather;

    public void Run()
    {
        switch (what.Kind)
        {
            case CaseKind.Barrier:
                RunBarrier();
                return;
            case CaseKind.Send or CaseKind.SendReceive or CaseKind.ReceiveAny:
                RunTransfers();
                communicator.Barrier(); // a receive from any rank would take what the next case sends
                break;
            default:
                PrepareCollective();
                Call();
                break;
        }

        for (int i = 0; i < _buffers.Count; i++)
        {
            if (_buffers[i].FindFault() is { } fault)
            {
                throw new InvalidOperationException($"{what}, {_ranks} ranks, rank {_rank}: {(_buffers.Count == 1 ? "the buffer" : i == 0 ? "the send buffer" : "the receive buffer")}: {fault}.");
            }
        }
    }

    public void Dispose()
    {
        foreach (GuardedBuffer<T> buffer in _buffers)
        {
            buffer.Dispose();
        }
    }

    private void PrepareCollective()
    {
        switch (what.Kind)
        {
            case CaseKind.AllReduce or CaseKind.Reduce:
                _sendShape = _receiveShape = BlockShape.Equal(1, what.Count);
                Prepare(ownBlock: what.InPlace ? 0 : -1, sends: true, receives: what.Kind == CaseKind.AllReduce || IsRoot);
                break;
            case CaseKind.Broadcast:
                PrepareBroadcast();
                break;
            case CaseKind.AllToAll:
                _sendShape = _receiveShape = BlockShape.Equal(_ranks, what.Count);
                Prepare(ownBlock: what.InPlace ? 0 : -1, sends: true, receives: true);
                break;
            case CaseKind.AllToAllV:
                PrepareAllToAllV();
                break;
            case CaseKind.AllGather or CaseKind.AllGatherV or CaseKind.Gather or CaseKind.GatherV:
                _receiveShape = Blocks();
                _sendShape = BlockShape.Equal(1, _receiveShape.Counts[_rank]);
                bool gets = IsRoot || what.Kind is CaseKind.AllGather or CaseKind.AllGatherV;
                Prepare(ownBlock: what.InPlace && gets ? _rank : -1, sends: true, gets);
                break;
            default: // ReduceScatter(V), Scatter(V)
                _sendShape = Blocks();
                _receiveShape = BlockShape.Equal(1, _sendShape.Counts[_rank]);
                bool gives = what.Reduces || IsRoot;
                Prepare(ownBlock: what.InPlace && gives ? _rank : -1, gives, receives: true);
                break;
        }
    }

    // A block for every rank, the same on all ranks.
    private BlockShape Blocks()
    {
        if (!what.HasCounts)
        {
            return BlockShape.Equal(_ranks, what.Count);
        }

        var random = new Random(what.Seed);
        int[] counts = BlockShape.Irregular(_ranks, what.Count, random);
        return what.Seed % 2 == 0 || what.Kind == CaseKind.ReduceScatterV ? BlockShape.InRow(counts) : BlockShape.Scattered(counts, random);
    }

    // In place the smaller buffer is a block of the larger one. A rank that neither gives nor gets has its buffer all the same: nobody may touch it.
    private void Prepare(int ownBlock, bool sends, bool receives)
    {
        BlockShape larger = GivesBlocks ? _sendShape : _receiveShape;
        GuardedBuffer<T> sendBuffer = Add(ownBlock >= 0 ? larger.Length : _sendShape.Length);
        GuardedBuffer<T> receiveBuffer = ownBlock >= 0 ? sendBuffer : Add(_receiveShape.Length);
        (_send, _receive) = (sendBuffer.Memory, receiveBuffer.Memory);
        int sendOffset = 0;
        int receiveOffset = 0;
        if (ownBlock >= 0 && GivesBlocks != GetsBlocks)
        {
            int offset = larger.Offsets[ownBlock];
            int count = larger.Counts[ownBlock];
            (sendOffset, receiveOffset) = GivesBlocks ? (0, offset) : (offset, 0);
            _send = GivesBlocks ? _send : _send.Slice(offset, count);
            _receive = GivesBlocks ? _receive.Slice(offset, count) : _receive;
        }

        for (int block = 0; sends && block < _sendShape.Counts.Length; block++)
        {
            int count = _sendShape.Counts[block];
            sendBuffer.Put(sendOffset + _sendShape.Offsets[block], count, what.Reduces ? values.Operands(_rank, block, count) : values.Moved(_rank, Addressee(block), count));
        }

        for (int block = 0; receives && block < _receiveShape.Counts.Length; block++)
        {
            int count = _receiveShape.Counts[block];
            receiveBuffer.Expect(receiveOffset + _receiveShape.Offsets[block], count, what.Reduces ? values.Results(Arriving, count) : values.Moved(Giver(block), Arriving, count));
        }
    }

    // Which block of this rank goes where: the number is that of the rank that gets it; 0 where all get the same one.
    private int Addressee(int block) => what.Collective is CollectiveKind.AllToAll or CollectiveKind.Scatter ? block : 0;

    // Which block of the giver arrives in a block of the receive buffer.
    private int Arriving => GivesBlocks ? _rank : 0;

    // Who gave what arrives in a block of the receive buffer.
    private int Giver(int block) => GetsBlocks ? block : _root;

    private void PrepareBroadcast()
    {
        GuardedBuffer<T> buffer = Add(what.Count);
        _send = _receive = buffer.Memory;
        T[] pattern = values.Moved(_root, 0, what.Count);
        if (IsRoot)
        {
            buffer.Put(0, what.Count, pattern);
        }

        buffer.Expect(0, what.Count, pattern);
    }

    private void PrepareAllToAllV()
    {
        var random = new Random(what.Seed);
        int[][] counts = [.. Enumerable.Range(0, _ranks).Select(_ => BlockShape.Irregular(_ranks, what.Count, random))];
        int[] received = [.. counts.Select(row => row[_rank])];
        bool inRow = what.Seed % 2 == 0;
        _sendShape = inRow ? BlockShape.InRow(counts[_rank]) : BlockShape.Scattered(counts[_rank], new Random(what.Seed + _rank));
        _receiveShape = inRow ? BlockShape.InRow(received) : BlockShape.Scattered(received, new Random(what.Seed - _rank));
        Prepare(ownBlock: -1, sends: true, receives: true);
    }

    private GuardedBuffer<T> Add(int length)
    {
        var buffer = new GuardedBuffer<T>(communicator, length, what.Allocated);
        _buffers.Add(buffer);
        return buffer;
    }

    // The clock is that of the machine, so ranks can compare what they read: nobody is out before everybody is in.
    private void RunBarrier()
    {
        if (IsRoot)
        {
            Thread.Sleep(what.Count);
        }

        long[] entered = new long[_ranks];
        entered[_rank] = Stopwatch.GetTimestamp();
        CallBarrier();
        long left = Stopwatch.GetTimestamp();
        communicator.AllGather(entered.AsSpan());
        if (entered.Max() > left)
        {
            throw new InvalidOperationException($"{what}, {_ranks} ranks, rank {_rank}: it left the barrier before rank {Array.IndexOf(entered, entered.Max())} entered.");
        }
    }

    private void RunTransfers()
    {
        GuardedBuffer<T> send = Add(what.Count);
        send.Put(0, what.Count, values.Moved(_rank, 0, what.Count));
        _send = send.Memory;
        switch (what.Kind)
        {
            case CaseKind.SendReceive:
                ExpectFrom((_rank - _root + _ranks) % _ranks);
                CallSendReceive((_rank + _root) % _ranks, (_rank - _root + _ranks) % _ranks);
                break;
            case CaseKind.Send when IsRoot:
                for (int i = 1; i < _ranks; i++)
                {
                    CallSend((_root + i) % _ranks);
                }

                break;
            case CaseKind.Send:
                ExpectFrom(_root);
                CallReceive(_root);
                break;
            case CaseKind.ReceiveAny when IsRoot:
                ReceiveFromAll();
                break;
            default:
                CallSend(_root);
                break;
        }
    }

    private GuardedBuffer<T> ExpectFrom(int source)
    {
        GuardedBuffer<T> buffer = Add(what.Count);
        _receive = buffer.Memory;
        buffer.Expect(0, what.Count, values.Moved(source, 0, what.Count));
        return buffer;
    }

    private void ReceiveFromAll()
    {
        var sources = new HashSet<int>();
        for (int i = 1; i < _ranks; i++)
        {
            GuardedBuffer<T> buffer = Add(what.Count);
            _receive = buffer.Memory;
            int source = CallReceiveAny();
            if (source == _rank || !sources.Add(source))
            {
                throw new InvalidOperationException($"{what}, {_ranks} ranks: rank {source} was named as the source more than once, or is the receiver.");
            }

            buffer.Expect(0, what.Count, values.Moved(source, 0, what.Count));
        }
    }
}
