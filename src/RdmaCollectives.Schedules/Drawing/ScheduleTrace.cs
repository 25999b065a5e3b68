using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Drawing;

/// <summary>Runs a schedule as if every step took the same time and there were room for every message, and notes each step with its column and its values.</summary>
internal sealed class ScheduleTrace
{
    private readonly Dictionary<(int Rank, StepBuffer Buffer, int Chunk), TracedValue> _memory = [];
    private readonly Dictionary<(int From, int To), Queue<TracedStep>> _fifos = [];
    private readonly List<TracedStep> _steps = [];
    private readonly TracedStep?[] _last;
    private readonly Shape _shape;
    private readonly CollectiveKind _collective;
    private readonly int _chunks;

    private ScheduleTrace(ISchedule schedule, Shape shape)
    {
        _shape = shape;
        _collective = schedule.Collective;
        _chunks = schedule.ChunkCount(shape);
        _last = new TracedStep?[shape.Ranks * shape.Channels];
    }

    /// <summary>The steps of all lanes; those of one lane in their order.</summary>
    public static IReadOnlyList<TracedStep> Of(ISchedule schedule, in Shape shape)
    {
        var trace = new ScheduleTrace(schedule, shape);
        var program = new LaneProgram(schedule, shape);
        var positions = new int[program.LaneCount];
        bool moved = true;
        while (moved)
        {
            moved = false;
            for (int lane = 0; lane < program.LaneCount; lane++)
            {
                while (positions[lane] < program.Count(lane) && trace.TryStep(lane, program[lane, positions[lane]]))
                {
                    positions[lane]++;
                    moved = true;
                }
            }
        }

        return trace._steps;
    }

    private bool TryStep(int lane, Step step)
    {
        int rank = lane / _shape.Channels;
        TracedStep? sender = null;
        if (step.HasReceive && !FifoOf(LaneOf(step.ReceivePeer, step.Channel), lane).TryDequeue(out sender))
        {
            return false;
        }

        StepBuffer buffer = step.HasStore ? step.Destination : step.Source;
        List<int> places = [.. Enumerable.Range(0, step.Count).Select(i => At(step.Chunk, i))];
        List<TracedValue> values = [.. Enumerable.Range(0, step.Count).Select(i => Value(rank, step, i, sender?.Values[i]))];
        if (step.HasStore)
        {
            for (int i = 0; i < step.Count; i++)
            {
                _memory[(rank, buffer, places[i])] = values[i];
            }
        }

        if (_last[lane] is { Step.Kind: StepKind.Copy } last && step.Kind == StepKind.Copy && last.Step.Source == step.Source && last.Buffer == buffer)
        {
            last.Places.AddRange(places);
            last.Values.AddRange(values);
            return true;
        }

        int column = Math.Max(_last[lane]?.Column ?? -1, sender?.Column ?? -1) + 1;
        var traced = new TracedStep(lane, column, step, places, values, IsComplete(step, values), sender);
        _steps.Add(traced);
        _last[lane] = traced;
        if (step.HasSend)
        {
            FifoOf(lane, LaneOf(step.SendPeer, step.Channel)).Enqueue(traced);
        }

        return true;
    }

    /// <summary>The value that chunk <paramref name="i"/> of a step's range gets, or has when it is sent.</summary>
    private TracedValue Value(int rank, in Step step, int i, TracedValue? received)
    {
        if (_collective == CollectiveKind.Barrier)
        {
            return Heard(rank, received);
        }

        if (received is not null && !step.HasReduce)
        {
            return received;
        }

        TracedValue own = Read(rank, step.Source, At(step.SourceChunk, i));
        if (!step.HasReduce)
        {
            return own with { IsFinal = own.IsFinal || step.IsFinal };
        }

        TracedValue other = received ?? Read(rank, step.Destination, At(step.Chunk, i));
        return own with { Ranks = step.IsOwnLeft ? [.. own.Ranks, .. other.Ranks] : [.. other.Ranks, .. own.Ranks], IsFinal = step.IsFinal };
    }

    /// <summary>A barrier moves no data. What a message tells is of whom its sender has heard.</summary>
    private TracedValue Heard(int rank, TracedValue? received)
    {
        TracedValue own = Read(rank, StepBuffer.Output, 0);
        TracedValue heard = received is null ? own : own with { Ranks = [.. own.Ranks.Union(received.Ranks).Order()] };
        _memory[(rank, StepBuffer.Output, 0)] = heard;
        return heard;
    }

    private bool IsComplete(in Step step, List<TracedValue> values) =>
        _collective == CollectiveKind.Barrier ? values[0].Ranks.Count == _shape.Ranks
        : _collective.IsReducing() ? values.TrueForAll(static value => value.IsFinal)
        : step.HasStore && step.Destination == StepBuffer.Output;

    private TracedValue Read(int rank, StepBuffer buffer, int chunk) =>
        _memory.TryGetValue((rank, buffer, chunk), out TracedValue? stored) ? stored : new TracedValue(chunk, [rank]);

    /// <summary>The chunk some places behind another one, in its plane.</summary>
    private int At(int chunk, int offset) => (chunk / _chunks * _chunks) + ((chunk + offset) % _chunks);

    private int LaneOf(int rank, int channel) => (rank * _shape.Channels) + channel;

    private Queue<TracedStep> FifoOf(int from, int to)
    {
        if (!_fifos.TryGetValue((from, to), out Queue<TracedStep>? fifo))
        {
            _fifos.Add((from, to), fifo = new Queue<TracedStep>());
        }

        return fifo;
    }
}
