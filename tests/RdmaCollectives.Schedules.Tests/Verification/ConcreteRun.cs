namespace RdmaCollectives.Schedules.Tests.Verification;

/// <summary>
/// A second, independent reading of what steps mean, to judge the verifier by: it runs a schedule on texts, one event at a time in a seeded order, and a message is a reference to
/// its source that is looked at only when it is taken. A chunk stored too early therefore shows as a wrong text. It proves nothing; it finds what a run can find.
/// </summary>
internal sealed class ConcreteRun(ISchedule schedule, Shape shape, bool inPlace, int credits, int seed)
{
    private readonly Dictionary<(int Rank, StepBuffer Buffer, int Chunk), string> _memory = [];
    private readonly Dictionary<(int From, int To, int Channel), Queue<(int Chunk, Func<string> Read)>> _fifos = [];
    private readonly Random _random = new(seed);

    /// <summary>The output chunks of all ranks; null when it stops before the end, or messages are left.</summary>
    public string[][]? Run()
    {
        int[] ranks = [.. Enumerable.Range(0, shape.Ranks)];
        for (int rank = 0; rank < shape.Ranks; rank++)
        {
            for (int chunk = 0; chunk < schedule.ChunkCount(shape); chunk++)
            {
                this[rank, StepBuffer.Input, chunk] = $"{rank}.{chunk}";
            }
        }

        var programs = ranks
            .SelectMany(rank => Enumerable.Range(0, schedule.StepCount(shape, rank)).Select(index => (Rank: rank, Step: schedule.GetStep(shape, rank, index))))
            .GroupBy(item => (item.Rank, item.Step.Channel), item => item.Step)
            .Select(group => (group.Key.Rank, Steps: new Queue<Step>(group)))
            .ToList();

        // Each run prefers some lanes to others all the way, so that ranks get far ahead of each other.
        int[] weights = [.. programs.Select(_ => 1 << _random.Next(12))];
        while (true)
        {
            var ready = Enumerable.Range(0, programs.Count).Where(i => programs[i].Steps.TryPeek(out Step step) && IsReady(programs[i].Rank, step)).ToList();
            if (ready.Count == 0)
            {
                bool isDone = programs.TrueForAll(static lane => lane.Steps.Count == 0) && _fifos.Values.All(static fifo => fifo.Count == 0);
                return isDone ? [.. ranks.Select(rank => Enumerable.Range(0, schedule.ChunkCount(shape)).Select(chunk => this[rank, StepBuffer.Output, chunk]).ToArray())] : null;
            }

            int lane = ready.MaxBy(i => weights[i] * _random.NextDouble());
            Execute(programs[lane].Rank, programs[lane].Steps.Dequeue());
        }
    }

    private string this[int rank, StepBuffer buffer, int chunk]
    {
        get => _memory.GetValueOrDefault((rank, Place(buffer), chunk), "garbage");
        set => _memory[(rank, Place(buffer), chunk)] = value;
    }

    private StepBuffer Place(StepBuffer buffer) => inPlace && buffer == StepBuffer.Input ? StepBuffer.Output : buffer;

    private Queue<(int Chunk, Func<string> Read)> Fifo(int from, int to, int channel) =>
        _fifos.TryGetValue((from, to, channel), out var fifo) ? fifo : _fifos[(from, to, channel)] = new Queue<(int, Func<string>)>();

    private bool IsReady(int rank, Step step) =>
        (step.ReceivePeer < 0 || Fifo(step.ReceivePeer, rank, step.Channel).Count > 0) && (step.SendPeer < 0 || Fifo(rank, step.SendPeer, step.Channel).Count < credits);

    private void Execute(int rank, Step step)
    {
        string value = step.Kind is StepKind.Send or StepKind.Copy or StepKind.Reduce ? this[rank, step.Source, step.SourceChunk] : Take(rank, step);
        if (step.Kind is StepKind.ReceiveReduce or StepKind.ReceiveReduceSend or StepKind.ReceiveReduceCopySend)
        {
            value = Sum(step, value, this[rank, step.Source, step.Chunk]);
        }
        else if (step.Kind == StepKind.Reduce)
        {
            value = Sum(step, this[rank, step.Destination, step.Chunk], value);
        }

        value = step.IsFinal ? $"[{value}]" : value;
        bool stores = step.Kind is not (StepKind.Send or StepKind.ReceiveReduceSend);
        if (stores)
        {
            this[rank, step.Destination, step.Chunk] = value;
        }

        if (step.SendPeer >= 0)
        {
            StepBuffer source = stores ? step.Destination : step.Source;
            Fifo(rank, step.SendPeer, step.Channel).Enqueue((step.Chunk, step.Kind == StepKind.ReceiveReduceSend ? () => value : () => this[rank, source, step.Chunk]));
        }
    }

    private string Take(int rank, Step step)
    {
        (int chunk, Func<string> read) = Fifo(step.ReceivePeer, rank, step.Channel).Dequeue();
        return chunk == step.Chunk ? read() : "a chunk of another size";
    }

    private static string Sum(Step step, string other, string own) => step.IsOwnLeft ? $"({own}+{other})" : $"({other}+{own})";
}
