namespace RdmaCollectives.Schedules.Verification;

/// <summary>
/// One run of a schedule on symbolic values: lanes, FIFOs with a bounded number of slots, and memory, in place. A step happens at once, when its message is there and its room is there:
/// until then a fused step holds the incoming slot, as the executor does.
/// <para>Every step names its peer, so the lanes are a Kahn process network: the values do not depend on the order of events, and neither does whether
/// it ends in a deadlock, as long as no hazard lets a message see a later value. The run order is therefore a check of the model, and hazards are what remains to be proved.</para>
/// <para>A plain receive may be written by the peer at any time from its grant on. The plan grants it when the lane's earlier readers of the range are done, and those are
/// the same messages that the hazard rule asks about: what passes it has a moment to grant. That the whole output may lie open to results from the beginning of the call is asked apart
/// (<see cref="ScheduleTraits.OpenOutput"/>).</para>
/// </summary>
internal sealed partial class ScheduleModel<TAlgebra, TValue>
    where TAlgebra : struct, IChunkAlgebra<TValue>
    where TValue : struct, IEquatable<TValue>
{
    private readonly ISchedule _schedule;
    private readonly BufferLayout _layout;
    private readonly StepRules _rules;
    private readonly TAlgebra _algebra;
    private readonly LaneProgram _program;
    private readonly ReadyLanes _ready;
    private readonly HappensBefore? _order;
    private readonly FifoMap<TValue> _fifos;
    private readonly PayloadPool<TValue> _payloads = new();
    private readonly Lane<TValue>[] _lanes;
    private readonly int _channels;
    private readonly bool _movesData;
    private readonly bool _promisesVariableBlocks;
    private readonly Dictionary<(int Rank, int Chunk), (int Lane, int Position, int User)> _notOpen = [];

    /// <param name="schedule">The schedule.</param>
    /// <param name="layout">Its memory.</param>
    /// <param name="rules">What each step must keep to.</param>
    /// <param name="algebra">The values.</param>
    /// <param name="program">Its steps by lane.</param>
    /// <param name="ready">The order of the run.</param>
    /// <param name="credits">The messages that a FIFO holds.</param>
    /// <param name="memory">Where values are kept; null for a run that only asks whether it comes to its end.</param>
    /// <param name="order">The clocks; null to look for hazards in this run only.</param>
    /// <param name="known">For a barrier, who knows whom to have begun.</param>
    public ScheduleModel(
        ISchedule schedule,
        BufferLayout layout,
        StepRules rules,
        TAlgebra algebra,
        LaneProgram program,
        ReadyLanes ready,
        int credits,
        ChunkMemory<TAlgebra, TValue>? memory,
        HappensBefore? order,
        Knowledge? known)
    {
        _schedule = schedule;
        _layout = layout;
        _rules = rules;
        _algebra = algebra;
        _program = program;
        _ready = ready;
        _order = order;
        _fifos = new FifoMap<TValue>(program.LaneCount, credits);
        _channels = layout.Shape.Channels;
        _movesData = layout.Collective != CollectiveKind.Barrier;
        _promisesVariableBlocks = schedule.Traits.HasFlag(ScheduleTraits.VariableBlocks);
        Memory = memory;
        Known = known;
        _lanes = new Lane<TValue>[program.LaneCount];
        for (int lane = 0; lane < _lanes.Length; lane++)
        {
            _lanes[lane].Rank = lane / _channels;
            _lanes[lane].Count = program.Count(lane);
        }
    }

    public ChunkMemory<TAlgebra, TValue>? Memory { get; }

    public Knowledge? Known { get; }

    public ReadOnlySpan<Lane<TValue>> Lanes => _lanes;

    public IEnumerable<Fifo<TValue>> Fifos => _fifos.InUse;

    /// <summary>The most chunks of a message so far.</summary>
    public int GreatestMessage { get; private set; } = 1;

    /// <summary>The planes of scratch memory that steps have named so far.</summary>
    public int PlanesNamed { get; private set; }

    /// <summary>Whether every message so far carries the same chunks at both ends, so that blocks of different sizes would do.</summary>
    public bool KeepsBlocks { get; private set; } = true;

    /// <summary>Whether every message of the result could have been stored in the output by its sender. Found with clocks only; without them the schedule's word is taken.</summary>
    public bool KeepsOutputOpen => _order is null ? _schedule.Traits.HasFlag(ScheduleTraits.OpenOutput) : _notOpen.Count == 0;

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
        int rank = lane.Rank;
        Step step = _program[laneIndex, lane.Position];
        lane.Step = step;
        lane.IsLoaded = true;
        if (!_rules.Allow(rank, step))
        {
            throw Forbidden(laneIndex, rank, step);
        }

        if (step.HasReceive)
        {
            int from = (step.ReceivePeer * _channels) + step.Channel;
            if (lane.Incoming?.From != from)
            {
                _fifos.Release(lane.Incoming);
                lane.Incoming = _fifos.Hold(from, laneIndex);
            }
        }

        if (step.HasSend)
        {
            int to = (step.SendPeer * _channels) + step.Channel;
            if (lane.Outgoing?.To != to)
            {
                _fifos.Release(lane.Outgoing);
                lane.Outgoing = _fifos.Hold(laneIndex, to);
            }
        }
    }

    private void Execute(ref Lane<TValue> lane, int laneIndex, in Step step)
    {
        int rank = lane.Rank;
        Payload<TValue>? received = null;
        int[]? sendersClock = null;
        if (step.HasReceive)
        {
            ref Message<TValue> message = ref lane.Incoming!.Oldest;
            CheckMessage(laneIndex, rank, step, message);
            sendersClock = message.Clock;
            received = message.Payload;
            lane.Hops = Math.Max(lane.Hops, message.Hops);
            _order?.Advance(laneIndex, message.Clock);
            Known?.Learn(laneIndex, message.Known!);
        }
        else
        {
            _order?.Advance(laneIndex, null);
        }

        Payload<TValue>? values = Memory is null || !_movesData ? null : Compute(laneIndex, rank, step, received);
        if (step.HasReceive)
        {
            Consume(ref lane, laneIndex, step);
        }

        if (_order is not null && _movesData)
        {
            NoteUses(laneIndex, rank, step, sendersClock);
        }

        if (step.HasStore && _movesData)
        {
            Store(ref lane, laneIndex, rank, step, values);
        }

        if (step.HasReduce)
        {
            lane.ChunksReduced += step.Count;
        }

        if (step.HasSend)
        {
            Send(ref lane, laneIndex, step, values);
        }
        else
        {
            _payloads.Return(values);
        }
    }

    private void CheckMessage(int laneIndex, int rank, in Step step, in Message<TValue> message)
    {
        if (message.Count != step.Count || !_layout.AreOfOneSize(message.Chunk, step.Chunk))
        {
            throw OtherChunks(laneIndex, message);
        }

        if (KeepsBlocks && !IsSameBlock(rank, step, message))
        {
            KeepsBlocks = _promisesVariableBlocks ? throw OtherBlock(laneIndex, message) : false;
        }
    }

    private bool IsSameBlock(int rank, in Step step, in Message<TValue> message)
    {
        if (_layout.Collective is not (CollectiveKind.AllToAll or CollectiveKind.Gather or CollectiveKind.Scatter))
        {
            return _layout.AreTheSame(message.Chunk, step.Chunk);
        }

        // Straight from the sender's input into the receiver's output: what passes through a third rank has a size that this one does not know.
        if (step is not { Kind: StepKind.Receive, Destination: StepBuffer.Output } || !message.HasSource || message.Buffer != StepBuffer.Input)
        {
            return false;
        }

        // In an all-to-all the block for the receiver becomes the sender's block.
        int pieces = _layout.Pieces;
        return _layout.Collective != CollectiveKind.AllToAll ? _layout.AreTheSame(message.Chunk, step.Chunk)
            : message.Chunk / pieces == rank && (message.Chunk + message.Count - 1) / pieces == rank && step.Chunk / pieces == step.ReceivePeer;
    }

    private void Consume(ref Lane<TValue> lane, int laneIndex, in Step step)
    {
        ref Message<TValue> message = ref lane.Incoming!.Oldest;
        if (message.Reading >= 0)
        {
            int sender = lane.Incoming.From;
            _lanes[sender].Readings!.Close(message.Reading);
            _order?.AddReading(laneIndex, step.ReceivePeer, _layout.Locate(message.Buffer, message.Chunk, message.Count));
        }

        bool wasFull = lane.Incoming.IsFull;
        lane.Incoming.Pop();
        if (wasFull)
        {
            _ready.Add(lane.Incoming.From);
        }
    }

    private void Store(ref Lane<TValue> lane, int laneIndex, int rank, in Step step, Payload<TValue>? values)
    {
        ChunkRange range = _layout.Locate(step.Destination, step.Chunk, step.Count);
        PlanesNamed = Math.Max(PlanesNamed, range.Plane);
        if (!IsCopyOntoItself(step, range))
        {
            CheckReaders(lane, laneIndex, rank, range);
        }

        Memory?.Write(rank, range, values);
        if (!step.HasReceive && KeepsBlocks && !_layout.AreTheSame(step.SourceChunk, step.Chunk))
        {
            KeepsBlocks = _promisesVariableBlocks ? throw OtherBlock(laneIndex) : false;
        }
    }

    // What the step reads of its own and stores, for those who may store there after it; and whether its own message might have been stored by the sender. What is stored over later does not count.
    private void NoteUses(int laneIndex, int rank, in Step step, int[]? sendersClock)
    {
        if (StepRules.ReadsOwn(step))
        {
            _order!.AddUse(laneIndex, rank, _layout.Locate(step.Source, step.SourceChunk, step.Count));
        }

        if (!step.HasStore)
        {
            return;
        }

        ChunkRange range = _layout.Locate(step.Destination, step.Chunk, step.Count);
        for (int offset = 0; step.Destination == StepBuffer.Output && offset < range.Count; offset++)
        {
            int chunk = range.At(offset, _layout.Chunks);
            _notOpen.Remove((rank, chunk));
            if (step.Kind is StepKind.Receive or StepKind.ReceiveCopySend && _order!.TryFindUnknownUse(sendersClock!, rank, range, offset, out int? user))
            {
                _notOpen[(rank, chunk)] = (laneIndex, _lanes[laneIndex].Position, user.Value);
            }
        }

        _order!.AddUse(laneIndex, rank, range);
    }

    // The input to the same place of the output: in place that stores what is there already, and out of place no message is in flight from there that says anything else.
    private bool IsCopyOntoItself(in Step step, in ChunkRange destination) =>
        step is { Kind: StepKind.Copy, IsFinal: false } && _layout.Locate(step.Source, step.SourceChunk, step.Count) == destination;

    private void CheckReaders(in Lane<TValue> lane, int laneIndex, int rank, in ChunkRange range)
    {
        if (lane.Readings is { } readings && readings.Overlap(range, _layout.Chunks))
        {
            throw StoredTooEarly(laneIndex, null);
        }

        if (_order is not null && _order.TryFindUnorderedReader(laneIndex, rank, range, out int? reader))
        {
            throw StoredTooEarly(laneIndex, reader);
        }
    }

    private void Send(ref Lane<TValue> lane, int laneIndex, in Step step, Payload<TValue>? values)
    {
        // A step that stores and sends may send from where it stored, without a copy.
        bool hasSource = step.Kind != StepKind.ReceiveReduceSend;
        StepBuffer source = step.HasStore ? step.Destination : step.Source;
        bool wasEmpty = lane.Outgoing!.Count == 0;
        ref Message<TValue> message = ref lane.Outgoing.Push();
        message.Payload = values;
        message.Chunk = step.Chunk;
        message.Count = step.Count;
        message.Buffer = source;
        message.HasSource = hasSource;
        message.Reading = hasSource && _movesData && _layout.IsStoredTo(source) ? (lane.Readings ??= new OpenReadings()).Open(_layout.Locate(source, step.Chunk, step.Count)) : -1;
        message.Hops = lane.Hops + 1;
        message.Clock = _order?.Snapshot(laneIndex);
        message.Known = Known?.Snapshot(laneIndex);
        lane.Messages++;
        lane.ChunksSent += _movesData ? step.Count : 0;
        GreatestMessage = Math.Max(GreatestMessage, step.Count);
        if (wasEmpty)
        {
            _ready.Add(lane.Outgoing.To);
        }
    }
}
