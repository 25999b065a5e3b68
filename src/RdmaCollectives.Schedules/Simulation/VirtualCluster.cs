using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Simulation;

/// <summary>The state of one simulation: when each lane, port and slot is free. Events are taken in the order of their times, then of their making.</summary>
internal sealed class VirtualCluster(ISchedule schedule, Shape shape, LaneProgram program, CostModel costs, double chunkBytes, int credits)
{
    private readonly bool _isBarrier = schedule.Collective == CollectiveKind.Barrier; // whose messages carry nothing
    private readonly double[] _laneFree = new double[program.LaneCount];
    private readonly int[] _position = new int[program.LaneCount];
    private readonly double[] _outFree = new double[shape.Ranks];
    private readonly double[] _inFree = new double[shape.Ranks];
    private readonly Dictionary<(int From, int To, int Channel), Way> _ways = [];
    private readonly PriorityQueue<Event, (double Time, long Sequence)> _events = new();
    private readonly bool[] _isScheduled = new bool[program.LaneCount];
    private long _sequence;

    public double[] Run()
    {
        for (int lane = 0; lane < program.LaneCount; lane++)
        {
            ScheduleIfReady(lane);
        }

        while (_events.TryDequeue(out Event next, out (double Time, long Sequence) at))
        {
            if (next.Arriving is { } way)
            {
                Deliver(way, next.Lane, next.TransferSeconds, at.Time);
            }
            else
            {
                TakeStep(next.Lane, at.Time);
            }
        }

        var finish = new double[shape.Ranks];
        for (int lane = 0; lane < program.LaneCount; lane++)
        {
            int rank = lane / shape.Channels;
            finish[rank] = Math.Max(finish[rank], _laneFree[lane]);
            if (_position[lane] < program.Count(lane))
            {
                int index = program.IndexOf(lane, _position[lane]);
                throw new ScheduleException("deadlock", rank, index, $"{schedule.Name}, {shape}, rank {rank}, step {index}: it waits for ever with {credits} credits");
            }
        }

        return finish;
    }

    private void ScheduleIfReady(int lane)
    {
        if (_isScheduled[lane] || _position[lane] == program.Count(lane))
        {
            return;
        }

        Step step = program[lane, _position[lane]];
        int rank = lane / shape.Channels;
        double time = _laneFree[lane];
        if (step.HasReceive)
        {
            if (!WayOf(step.ReceivePeer, rank, step.Channel).Arrivals.TryPeek(out double arrival))
            {
                return;
            }

            time = Math.Max(time, arrival);
        }

        if (step.HasSend)
        {
            if (!WayOf(rank, step.SendPeer, step.Channel).Room.TryPeek(out double room))
            {
                return;
            }

            time = Math.Max(time, room);
        }

        _isScheduled[lane] = true;
        _events.Enqueue(new Event(lane, null, 0), (time, _sequence++));
    }

    private void TakeStep(int lane, double start)
    {
        int rank = lane / shape.Channels;
        Step step = program[lane, _position[lane]++];
        _isScheduled[lane] = false;
        double end = start + (step.HasReduce ? step.Count * chunkBytes * costs.ReductionSecondsPerByte : 0);
        _laneFree[lane] = end;
        if (step.HasReceive)
        {
            Way way = WayOf(step.ReceivePeer, rank, step.Channel);
            way.Arrivals.Dequeue();
            way.Room.Enqueue(end + costs.Link(rank, step.ReceivePeer).LatencySeconds);
            ScheduleIfReady(LaneOf(step.ReceivePeer, step.Channel));
        }

        if (step.HasSend)
        {
            LinkCost link = costs.Link(rank, step.SendPeer);
            Way way = WayOf(rank, step.SendPeer, step.Channel);
            way.Room.Dequeue();
            double transfer = _isBarrier ? 0 : step.Count * chunkBytes * link.SecondsPerByte;
            double leaves = Math.Max(end, _outFree[rank]);
            _outFree[rank] = leaves + transfer;
            _events.Enqueue(new Event(LaneOf(step.SendPeer, step.Channel), way, transfer), (leaves + link.LatencySeconds, _sequence++));
        }

        ScheduleIfReady(lane);
    }

    /// <summary>The first byte of a message is at its receiver, where others may be before it.</summary>
    private void Deliver(Way way, int lane, double transferSeconds, double time)
    {
        int rank = lane / shape.Channels;
        _inFree[rank] = Math.Max(time, _inFree[rank]) + transferSeconds;
        way.Arrivals.Enqueue(_inFree[rank]);
        ScheduleIfReady(lane);
    }

    private int LaneOf(int rank, int channel) => (rank * shape.Channels) + channel;

    private Way WayOf(int from, int to, int channel)
    {
        if (!_ways.TryGetValue((from, to, channel), out Way? way))
        {
            _ways.Add((from, to, channel), way = new Way(credits));
        }

        return way;
    }

    /// <summary>A step of the lane, or a message that reaches it.</summary>
    private readonly record struct Event(int Lane, Way? Arriving, double TransferSeconds);

    /// <summary>A FIFO in time: when each message on it arrives, and from when on each free slot is free.</summary>
    private sealed class Way(int credits)
    {
        public Queue<double> Arrivals { get; } = new();

        public Queue<double> Room { get; } = new(Enumerable.Repeat(0.0, credits));
    }
}
