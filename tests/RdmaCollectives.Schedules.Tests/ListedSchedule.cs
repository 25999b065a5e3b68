namespace RdmaCollectives.Schedules.Tests;

/// <summary>A schedule as lists of steps, which a test may change: hand-written, or a copy of another one for one shape.</summary>
internal sealed class ListedSchedule : ISchedule
{
    private readonly int _chunks;
    private readonly Func<int, int> _channelOf;

    public ListedSchedule(int chunks, int credits, params Step[][] steps)
    {
        _chunks = chunks;
        _channelOf = static _ => 0;
        Credits = credits;
        Steps = [.. steps.Select(static rank => rank.ToList())];
        LargestMessage = Steps.SelectMany(static rank => rank).Where(static step => step.HasReceive || step.HasSend).Select(static step => step.Count).DefaultIfEmpty(1).Max();
    }

    public ListedSchedule(ISchedule original, Shape shape)
    {
        _chunks = original.ChunkCount(shape);
        _channelOf = chunk => original.ChannelOf(shape, chunk);
        Credits = original.MinimumCredits(shape);
        Collective = original.Collective;
        Traits = original.Traits;
        Planes = original.ScratchPlanes(shape);
        LargestMessage = original.MessageChunks(shape);
        Steps = [.. Enumerable.Range(0, shape.Ranks).Select(rank => Enumerable.Range(0, original.StepCount(shape, rank)).Select(i => original.GetStep(shape, rank, i)).ToList())];
    }

    public List<Step>[] Steps { get; }

    public int Credits { get; set; }

    public int Planes { get; set; } = 1;

    public int LargestMessage { get; set; }

    public string Name => "listed";

    public CollectiveKind Collective { get; init; } = CollectiveKind.AllReduce;

    public ScheduleTraits Traits { get; init; }

    public int ChunkCount(in Shape shape) => _chunks;

    public int ScratchPlanes(in Shape shape) => Planes;

    public int MessageChunks(in Shape shape) => LargestMessage;

    public int ChannelOf(in Shape shape, int chunk) => _channelOf(chunk);

    public int MinimumCredits(in Shape shape) => Credits;

    public int StepCount(in Shape shape, int rank) => Steps[rank].Count;

    public Step GetStep(in Shape shape, int rank, int index) => Steps[rank][index];
}
