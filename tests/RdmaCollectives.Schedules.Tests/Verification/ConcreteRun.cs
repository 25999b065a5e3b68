using System.Globalization;
using System.Text;

namespace RdmaCollectives.Schedules.Tests.Verification;

/// <summary>
/// A second, independent reading of what steps mean, to judge the verifier by. It runs a schedule on texts; a message is a reference to its source that is looked at only when it is taken, so that
/// a chunk stored too early shows as a wrong text. <see cref="Everywhere"/> goes through all orders of events of a small schedule: what it finds right is right.
/// </summary>
internal sealed class ConcreteRun
{
    private readonly ISchedule _schedule;
    private readonly Shape _shape;
    private readonly bool _inPlace;
    private readonly int _credits;
    private readonly int _chunks;
    private readonly int _planes;
    private readonly Step[][] _lanes;

    public ConcreteRun(ISchedule schedule, Shape shape, bool inPlace, int credits)
    {
        _schedule = schedule;
        _shape = shape;
        _inPlace = inPlace && schedule.Collective != CollectiveKind.AllToAll;
        _credits = credits;
        _chunks = schedule.ChunkCount(shape);
        _planes = schedule.ScratchPlanes(shape);
        _lanes = [.. Enumerable.Range(0, shape.Ranks).SelectMany(rank => Enumerable.Range(0, shape.Channels).Select(channel =>
            Enumerable.Range(0, schedule.StepCount(shape, rank)).Select(index => schedule.GetStep(shape, rank, index)).Where(step => step.Channel == channel).ToArray()))];
    }

    /// <summary>One order of events, by a seed: null when it ends right, else what is wrong.</summary>
    public string? Once(int seed)
    {
        var random = new Random(seed);
        // Each run prefers some lanes to others all the way, so that ranks get far ahead of each other.
        int[] weights = [.. _lanes.Select(_ => 1 << random.Next(12))];
        State state = Start();
        while (true)
        {
            int[] ready = [.. Ready(state)];
            if (ready.Length == 0)
            {
                return WhatIsWrong(state);
            }

            state = Execute(state, ready.MaxBy(lane => weights[lane] * random.NextDouble()));
        }
    }

    /// <summary>Every order of events: null when all end right, else what is wrong with the first that does not.</summary>
    public string? Everywhere()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<State>([Start()]);
        while (open.TryPop(out State? state))
        {
            int[] ready = [.. Ready(state)];
            if (ready.Length == 0 && WhatIsWrong(state) is { } wrong)
            {
                return wrong;
            }

            foreach (int lane in ready)
            {
                State next = Execute(state, lane);
                if (seen.Add(next.Key()))
                {
                    open.Push(next);
                }
            }
        }

        return null;
    }

    private State Start()
    {
        var memory = new string[_shape.Ranks, (2 + _planes) * _chunks];
        for (int rank = 0; rank < _shape.Ranks; rank++)
        {
            for (int place = 0; place < memory.GetLength(1); place++)
            {
                memory[rank, place] = "garbage";
            }

            for (int chunk = 0; chunk < _chunks; chunk++)
            {
                if (HasInput(rank, chunk))
                {
                    memory[rank, Place(StepBuffer.Input, chunk)] = $"{rank}.{chunk}";
                }
            }
        }

        return new State(new int[_lanes.Length], memory, [], [.. Enumerable.Range(0, _shape.Ranks).Select(static _ => 0)]);
    }

    private IEnumerable<int> Ready(State state) => Enumerable.Range(0, _lanes.Length).Where(lane => state.Positions[lane] < _lanes[lane].Length && IsReady(state, lane, _lanes[lane][state.Positions[lane]]));

    private bool IsReady(State state, int lane, Step step)
    {
        int rank = lane / _shape.Channels;
        return (step.ReceivePeer < 0 || state.Fifo(step.ReceivePeer, rank, step.Channel).Length > 0) && (step.SendPeer < 0 || state.Fifo(rank, step.SendPeer, step.Channel).Length < _credits);
    }

    private State Execute(State before, int lane)
    {
        int rank = lane / _shape.Channels;
        Step step = _lanes[lane][before.Positions[lane]];
        State state = before.Copy();
        state.Positions[lane]++;
        if (_schedule.Collective == CollectiveKind.Barrier)
        {
            ExecuteBarrier(state, rank, step);
            return state;
        }

        string[] own = Range(state, rank, step.Source, step.SourceChunk, step.Count);
        string[] values = step.ReceivePeer >= 0 ? Take(state, rank, step) : own;
        if (step.Kind is StepKind.ReceiveReduce or StepKind.ReceiveReduceSend or StepKind.ReceiveReduceCopySend)
        {
            values = [.. values.Select((value, i) => Sum(step, value, own[i]))];
        }
        else if (step.Kind == StepKind.Reduce)
        {
            string[] other = Range(state, rank, step.Destination, step.Chunk, step.Count);
            values = [.. own.Select((value, i) => Sum(step, other[i], value))];
        }

        values = step.IsFinal ? [.. values.Select(static value => $"[{value}]")] : values;
        bool stores = step.Kind is not (StepKind.Send or StepKind.ReceiveReduceSend);
        for (int i = 0; stores && i < step.Count; i++)
        {
            state.Memory[rank, Place(step.Destination, step.Chunk, i)] = values[i];
        }

        if (step.SendPeer >= 0)
        {
            var message = new Message(stores ? step.Destination : step.Source, step.Chunk, step.Count, step.Kind == StepKind.ReceiveReduceSend ? values : null, 0);
            state.Push(rank, step.SendPeer, step.Channel, message);
        }

        return state;
    }

    /// <summary>A message says which ranks its sender knows to have begun.</summary>
    private static void ExecuteBarrier(State state, int rank, Step step)
    {
        state.Begun[rank] |= 1 << rank;
        if (step.ReceivePeer >= 0)
        {
            state.Begun[rank] |= state.Pop(step.ReceivePeer, rank, step.Channel).Begun;
        }
        else
        {
            state.Push(rank, step.SendPeer, step.Channel, new Message(default, 0, 0, null, state.Begun[rank]));
        }
    }

    private string[] Take(State state, int rank, Step step)
    {
        Message message = state.Pop(step.ReceivePeer, rank, step.Channel);
        bool isOfOneSize = message.Count == step.Count && message.Chunk % Pieces == step.Chunk % Pieces;
        return !isOfOneSize ? [.. Enumerable.Repeat("chunks of another size", step.Count)]
            : message.Values ?? Range(state, step.ReceivePeer, message.Buffer, message.Chunk, message.Count);
    }

    private string[] Range(State state, int rank, StepBuffer buffer, int chunk, int count) => [.. Enumerable.Range(0, count).Select(i => state.Memory[rank, Place(buffer, chunk, i)])];

    private static string Sum(Step step, string other, string own) => step.IsOwnLeft ? $"({own}+{other})" : $"({other}+{own})";

    private int Place(StepBuffer buffer, int chunk, int offset = 0) => buffer switch
    {
        StepBuffer.Input => (_inPlace ? _chunks : 0) + ((chunk + offset) % _chunks),
        StepBuffer.Output => _chunks + ((chunk + offset) % _chunks),
        _ => ((2 + (chunk / _chunks)) * _chunks) + ((chunk + offset) % _chunks),
    };

    private int Pieces => IsBlocked ? _chunks / _shape.Ranks : _chunks;

    private bool IsBlocked => _schedule.Collective is CollectiveKind.AllGather or CollectiveKind.ReduceScatter or CollectiveKind.AllToAll or CollectiveKind.Gather or CollectiveKind.Scatter;

    private bool HasInput(int rank, int chunk) => _schedule.Collective switch
    {
        CollectiveKind.AllGather or CollectiveKind.Gather => chunk / Pieces == rank,
        CollectiveKind.Broadcast or CollectiveKind.Scatter => rank == _shape.Root,
        _ => true,
    };

    /// <summary>The texts that may be in an output chunk; null where the rank has none.</summary>
    private string? Wanted(int rank, int chunk) => _schedule.Collective switch
    {
        CollectiveKind.AllReduce => "all",
        CollectiveKind.Reduce => rank == _shape.Root ? "all" : null,
        CollectiveKind.ReduceScatter => chunk / Pieces == rank ? "all" : null,
        CollectiveKind.Broadcast => $"{_shape.Root}.{chunk}",
        CollectiveKind.AllGather => $"{chunk / Pieces}.{chunk}",
        CollectiveKind.Gather => rank == _shape.Root ? $"{chunk / Pieces}.{chunk}" : null,
        CollectiveKind.Scatter => chunk / Pieces == rank ? $"{_shape.Root}.{chunk}" : null,
        _ => $"{chunk / Pieces}.{(rank * Pieces) + (chunk % Pieces)}",
    };

    private string? WhatIsWrong(State state)
    {
        if (state.Positions.Where((position, lane) => position < _lanes[lane].Length).Any() || state.Fifos.Values.Any(static fifo => fifo.Length > 0))
        {
            return "it deadlocks or leaves messages";
        }

        if (_schedule.Collective == CollectiveKind.Barrier)
        {
            int all = (1 << _shape.Ranks) - 1;
            return _shape.Ranks == 1 || state.Begun.All(begun => begun == all) ? null : "a rank ends before another has begun";
        }

        for (int chunk = 0; chunk < _chunks; chunk++)
        {
            string? common = null;
            for (int rank = 0; rank < _shape.Ranks; rank++)
            {
                string? wanted = Wanted(rank, chunk);
                string text = state.Memory[rank, _chunks + chunk];
                bool isRight = wanted is null || (wanted == "all" ? IsWholeSum(text, chunk) && (common ??= text) == text : wanted == text);
                if (!isRight)
                {
                    return $"output chunk {chunk} of rank {rank} is {text}, {wanted} is wanted";
                }
            }
        }

        return null;
    }

    private bool IsWholeSum(string text, int chunk)
    {
        string[] terms = text.Trim('[', ']').Replace("(", "", StringComparison.Ordinal).Replace(")", "", StringComparison.Ordinal).Split('+');
        return text.StartsWith('[') && text.EndsWith(']') && text.Count(static c => c == '[') == 1
            && terms.Order(StringComparer.Ordinal).SequenceEqual(Enumerable.Range(0, _shape.Ranks).Select(rank => $"{rank}.{chunk}").Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    /// <summary>A message by reference; with its values only where they are nowhere else.</summary>
    private sealed record Message(StepBuffer Buffer, int Chunk, int Count, string[]? Values, int Begun);

    private sealed record State(int[] Positions, string[,] Memory, Dictionary<(int From, int To, int Channel), Message[]> Fifos, int[] Begun)
    {
        public State Copy() => new((int[])Positions.Clone(), (string[,])Memory.Clone(), new(Fifos), (int[])Begun.Clone());

        public Message[] Fifo(int from, int to, int channel) => Fifos.GetValueOrDefault((from, to, channel), []);

        public void Push(int from, int to, int channel, Message message) => Fifos[(from, to, channel)] = [.. Fifo(from, to, channel), message];

        public Message Pop(int from, int to, int channel)
        {
            Message[] fifo = Fifo(from, to, channel);
            Fifos[(from, to, channel)] = fifo[1..];
            return fifo[0];
        }

        /// <summary>The same for states that go on in the same way. What is in the FIFOs follows from the positions, but for values that are nowhere else.</summary>
        public string Key()
        {
            var key = new StringBuilder();
            key.AppendJoin(',', Positions).AppendJoin(',', Begun);
            foreach (string text in Memory)
            {
                key.Append(CultureInfo.InvariantCulture, $";{text}");
            }

            foreach (((int from, int to, int channel), Message[] fifo) in Fifos.Where(static fifo => Array.Exists(fifo.Value, static message => message.Values is not null || message.Begun != 0)).OrderBy(static fifo => fifo.Key))
            {
                key.Append(CultureInfo.InvariantCulture, $"|{from},{to},{channel}").AppendJoin(';', fifo.SelectMany(static message => message.Values ?? [$"{message.Begun}"]));
            }

            return key.ToString();
        }
    }
}
