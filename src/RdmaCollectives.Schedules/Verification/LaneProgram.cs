namespace RdmaCollectives.Schedules.Verification;

/// <summary>
/// The steps of a schedule by lane. A lane is one channel of one rank: its steps run in order, beside those of all other lanes.
/// Lane numbers are rank * channels + channel.
/// </summary>
internal sealed class LaneProgram
{
    private readonly ISchedule _schedule;
    private readonly Shape _shape;
    private readonly int[][]? _indices; // null with one channel, where lane and rank are the same

    public LaneProgram(ISchedule schedule, Shape shape)
    {
        _schedule = schedule;
        _shape = shape;
        if (shape.Channels == 1)
        {
            return;
        }

        _indices = new int[shape.Ranks * shape.Channels][];
        var lists = new List<int>[shape.Channels];
        for (int rank = 0; rank < shape.Ranks; rank++)
        {
            for (int channel = 0; channel < shape.Channels; channel++)
            {
                lists[channel] = [];
            }

            for (int index = 0; index < schedule.StepCount(shape, rank); index++)
            {
                int channel = schedule.GetStep(shape, rank, index).Channel;
                if (channel >= shape.Channels)
                {
                    throw new ScheduleException("shape", rank, index, $"{schedule.Name}, rank {rank}, step {index}: channel {channel} does not exist, the shape has {shape.Channels}");
                }

                lists[channel].Add(index);
            }

            for (int channel = 0; channel < shape.Channels; channel++)
            {
                _indices[(rank * shape.Channels) + channel] = [.. lists[channel]];
            }
        }
    }

    public int LaneCount => _shape.Ranks * _shape.Channels;

    public int Count(int lane) => _indices is null ? _schedule.StepCount(_shape, lane) : _indices[lane].Length;

    /// <summary>The index in the rank's own list of the lane's step at a position.</summary>
    public int IndexOf(int lane, int position) => _indices is null ? position : _indices[lane][position];

    public Step this[int lane, int position] => _schedule.GetStep(_shape, lane / _shape.Channels, IndexOf(lane, position));
}
