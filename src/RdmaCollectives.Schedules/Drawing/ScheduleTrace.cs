using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Drawing;

/// <summary>Runs a schedule as if every step took the same time and there were room for every message, and notes each step with its column and its value.</summary>
internal sealed class ScheduleTrace
{
    private readonly Dictionary<(int Rank, StepBuffer Buffer, int Chunk), TracedStep> _memory = [];
    private readonly Dictionary<(int From, int To), Queue<TracedStep>> _fifos = [];
    private readonly List<TracedStep> _steps = [];
    private readonly Shape _shape;

    private ScheduleTrace(Shape shape) => _shape = shape;

    /// <summary>The steps of all lanes; those of one lane in their order.</summary>
    public static IReadOnlyList<TracedStep> Of(ISchedule schedule, in Shape shape)
    {
        var trace = new ScheduleTrace(shape);
        var program = new LaneProgram(schedule, shape);
        var positions = new int[program.LaneCount];
        var columns = new int[program.LaneCount];
        bool moved = true;
        while (moved)
        {
            moved = false;
            for (int lane = 0; lane < program.LaneCount; lane++)
            {
                while (positions[lane] < program.Count(lane) && trace.TryStep(lane, program[lane, positions[lane]], ref columns[lane]))
                {
                    positions[lane]++;
                    moved = true;
                }
            }
        }

        return trace._steps;
    }

    private bool TryStep(int lane, Step step, ref int column)
    {
        int rank = lane / _shape.Channels;
        TracedStep? sender = null;
        if (step.HasReceive && !FifoOf(LaneOf(step.ReceivePeer, step.Channel), lane).TryDequeue(out sender))
        {
            return false;
        }

        column = Math.Max(column, (sender?.Column ?? -1) + 1);
        (IReadOnlyList<int> contributors, bool isFinal) = Value(rank, step, sender);
        var traced = new TracedStep(lane, column++, step, contributors, isFinal || step.IsFinal, sender);
        _steps.Add(traced);
        if (step.HasStore)
        {
            _memory[(rank, step.Destination, step.Chunk)] = traced;
        }

        if (step.HasSend)
        {
            FifoOf(lane, LaneOf(step.SendPeer, step.Channel)).Enqueue(traced);
        }

        return true;
    }

    private (IReadOnlyList<int> Contributors, bool IsFinal) Value(int rank, in Step step, TracedStep? sender)
    {
        if (sender is not null && !step.HasReduce)
        {
            return (sender.Contributors, sender.IsFinal);
        }

        (IReadOnlyList<int> own, bool isFinal) = Read(rank, step.Source, step.SourceChunk);
        if (!step.HasReduce)
        {
            return (own, isFinal);
        }

        IReadOnlyList<int> other = sender?.Contributors ?? Read(rank, step.Destination, step.Chunk).Contributors;
        return (step.IsOwnLeft ? [.. own, .. other] : [.. other, .. own], false);
    }

    private (IReadOnlyList<int> Contributors, bool IsFinal) Read(int rank, StepBuffer buffer, int chunk) =>
        _memory.TryGetValue((rank, buffer, chunk), out TracedStep? stored) ? (stored.Contributors, stored.IsFinal) : ([rank], false);

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
