namespace RdmaCollectives.Schedules.Verification;

/// <summary>
/// One run of a schedule on symbolic values: lanes, FIFOs with a bounded number of slots, and memory, in place. A step happens at once, when its message is there and its room is there:
/// until then a fused step holds the incoming slot, as the executor does.
/// <para>Every step names its peer, so the lanes are a Kahn process network: the values do not depend on the order of events, and neither does whether
/// it ends in a deadlock, as long as no hazard lets a message see a later value. The run order is therefore a check of the model, and hazards are what remains to be proved.</para>
/// <para>A plain receive may be written by the peer at any time from its grant on. The plan grants it when the lane's earlier readers of the range are done, and those are
/// the same messages that the hazard rule asks about: what passes it has a moment to grant.</para>
/// </summary>
internal sealed partial class ScheduleModel<TAlgebra, TValue>
    where TAlgebra : struct, IChunkAlgebra<TValue>
    where TValue : struct, IEquatable<TValue>
{
    private readonly ISchedule _schedule;
    private readonly Shape _shape;
    private readonly TAlgebra _algebra;
    private readonly int _credits;
    private readonly int _chunks;
    private readonly LaneProgram _program;
    private readonly ReadyLanes _ready;
    private readonly HappensBefore? _order;
    private readonly Dictionary<(int From, int To), Fifo<TValue>> _fifos = [];
    private readonly Lane<TValue>[] _lanes;

    public ScheduleModel(ISchedule schedule, in Shape shape, TAlgebra algebra, LaneProgram program, ReadyLanes ready, int credits, HappensBefore? order)
    {
        _schedule = schedule;
        _shape = shape;
        _algebra = algebra;
        _credits = credits;
        _chunks = schedule.ChunkCount(shape);
        _program = program;
        _ready = ready;
        _order = order;
        Memory = new ChunkMemory<TAlgebra, TValue>(algebra, shape.Ranks, _chunks);
        _lanes = new Lane<TValue>[program.LaneCount];
        for (int lane = 0; lane < _lanes.Length; lane++)
        {
            _lanes[lane].Count = program.Count(lane);
        }
    }

    public ChunkMemory<TAlgebra, TValue> Memory { get; }

    public ReadOnlySpan<Lane<TValue>> Lanes => _lanes;

    public IEnumerable<Fifo<TValue>> Fifos => _fifos.Values;

    /// <summary>Runs until nothing can go on; true when every lane is at its end.</summary>
    public bool Run()
    {
        for (int lane = 0; lane < _lanes.Length; lane++)
        {
            _ready.Add(lane);
        }

        while (_ready.TryTake(out int lane))
        {
            bool stepped = TryStep(lane);
            while (stepped && !_ready.OneStepAtATime)
            {
                stepped = TryStep(lane);
            }

            if (stepped)
            {
                _ready.Add(lane);
            }
        }

        return Array.TrueForAll(_lanes, static lane => lane.IsDone);
    }

    private bool TryStep(int laneIndex)
    {
        ref Lane<TValue> lane = ref _lanes[laneIndex];
        if (lane.IsDone)
        {
            return false;
        }

        if (!lane.IsLoaded)
        {
            Load(ref lane, laneIndex);
        }

        Step step = lane.Step;
        if ((step.HasReceive && lane.Incoming!.Count == 0) || (step.HasSend && lane.Outgoing!.IsFull))
        {
            return false;
        }

        Execute(ref lane, laneIndex, step);
        lane.Position++;
        lane.IsLoaded = false;
        return true;
    }

    private void Load(ref Lane<TValue> lane, int laneIndex)
    {
        int rank = laneIndex / _shape.Channels;
        lane.Step = _program[laneIndex, lane.Position];
        lane.IsLoaded = true;
        if (!StepRules.Allow(_schedule, _shape, _chunks, rank, lane.Step))
        {
            throw Broken(laneIndex, "shape", StepRules.Violation(_schedule, _shape, _chunks, rank, lane.Step)!);
        }

        if (lane.Step.HasReceive)
        {
            int from = LaneOf(lane.Step.ReceivePeer, lane.Step.Channel);
            lane.Incoming = lane.Incoming?.From == from ? lane.Incoming : FifoOf(from, laneIndex);
        }

        if (lane.Step.HasSend)
        {
            int to = LaneOf(lane.Step.SendPeer, lane.Step.Channel);
            lane.Outgoing = lane.Outgoing?.To == to ? lane.Outgoing : FifoOf(laneIndex, to);
        }
    }

    private void Execute(ref Lane<TValue> lane, int laneIndex, in Step step)
    {
        int rank = laneIndex / _shape.Channels;
        TValue received = default;
        if (step.HasReceive)
        {
            ref Message<TValue> message = ref lane.Incoming!.Oldest;
            if (message.Chunk != step.Chunk)
            {
                throw OtherChunk(laneIndex, message.Chunk);
            }

            received = message.Value;
            lane.Hops = Math.Max(lane.Hops, message.Hops);
            _order?.Advance(laneIndex, message.Clock);
        }
        else
        {
            _order?.Advance(laneIndex, null);
        }

        TValue value = Compute(laneIndex, rank, step, received);
        if (step.HasReceive)
        {
            Consume(ref lane, laneIndex, step);
        }

        if (step.HasStore)
        {
            Store(laneIndex, rank, step, value);
        }

        lane.Reductions += step.HasReduce ? 1 : 0;
        if (step.HasSend)
        {
            Send(ref lane, laneIndex, rank, step, value);
        }
    }

    private TValue Compute(int laneIndex, int rank, in Step step, in TValue received)
    {
        TValue value = received;
        if (!step.HasReceive || step.HasReduce)
        {
            TValue own = Read(laneIndex, rank, step.Source, step.SourceChunk);
            value = !step.HasReduce ? own : Combine(laneIndex, step, step.HasReceive ? received : Read(laneIndex, rank, step.Destination, step.Chunk), own);
        }

        if (!step.IsFinal)
        {
            return value;
        }

        return _algebra.IsFinished(value) ? throw Broken(laneIndex, "final", "the value was final already") : _algebra.Finish(value);
    }

    private TValue Read(int laneIndex, int rank, StepBuffer buffer, int chunk) =>
        Memory.TryRead(rank, buffer, chunk, out TValue value) ? value : throw Unreadable(laneIndex, buffer, chunk);

    private TValue Combine(int laneIndex, in Step step, in TValue other, in TValue own)
    {
        TValue left = step.IsOwnLeft ? own : other;
        TValue right = step.IsOwnLeft ? other : own;
        if (_algebra.IsFinished(left) || _algebra.IsFinished(right))
        {
            throw NotToBeCombined(laneIndex, "final", "it reduces a final value", left, right);
        }

        if (_algebra.ChunkOf(left) != _algebra.ChunkOf(right) || _algebra.Overlap(left, right))
        {
            throw NotToBeCombined(laneIndex, "postcondition", "these do not belong together", left, right);
        }

        return _algebra.Combine(left, right);
    }

    private void Consume(ref Lane<TValue> lane, int laneIndex, in Step step)
    {
        ref Message<TValue> message = ref lane.Incoming!.Oldest;
        if (message.HasSource)
        {
            Memory.EndRead(step.ReceivePeer, message.Buffer, message.Chunk);
            _order?.AddReading(laneIndex, step.ReceivePeer, ChunkMemory<TAlgebra, TValue>.Alias(message.Buffer), message.Chunk);
        }

        bool wasFull = lane.Incoming.IsFull;
        lane.Incoming.Pop();
        if (wasFull)
        {
            _ready.Add(lane.Incoming.From);
        }
    }

    private void Store(int laneIndex, int rank, in Step step, in TValue value)
    {
        if (Memory.IsBeingRead(rank, step.Destination, step.Chunk))
        {
            throw StoredTooEarly(laneIndex, null);
        }

        if (_order is not null && _order.TryFindUnorderedReader(laneIndex, rank, step.Destination, step.Chunk, out int? reader))
        {
            throw StoredTooEarly(laneIndex, reader);
        }

        Memory.Write(rank, step.Destination, step.Chunk, value);
    }

    private void Send(ref Lane<TValue> lane, int laneIndex, int rank, in Step step, in TValue value)
    {
        // A step that stores and sends may send from where it stored, without a copy.
        bool hasSource = step.Kind != StepKind.ReceiveReduceSend;
        StepBuffer source = step.HasStore ? step.Destination : step.Source;
        if (hasSource)
        {
            Memory.BeginRead(rank, source, step.Chunk);
        }

        bool wasEmpty = lane.Outgoing!.Count == 0;
        ref Message<TValue> message = ref lane.Outgoing.Push();
        message.Value = value;
        message.Chunk = step.Chunk;
        message.Buffer = source;
        message.HasSource = hasSource;
        message.Hops = lane.Hops + 1;
        message.Clock = _order?.Snapshot(laneIndex);
        lane.Messages++;
        if (wasEmpty)
        {
            _ready.Add(lane.Outgoing.To);
        }
    }

    private int LaneOf(int rank, int channel) => (rank * _shape.Channels) + channel;

    private Fifo<TValue> FifoOf(int from, int to)
    {
        if (!_fifos.TryGetValue((from, to), out Fifo<TValue>? fifo))
        {
            _fifos.Add((from, to), fifo = new Fifo<TValue>(from, to, _credits));
        }

        return fifo;
    }
}
