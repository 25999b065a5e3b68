using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Simulation;

/// <summary>
/// Predicts how long a schedule takes, on a virtual clock, by the alpha-beta model (Hockney 1994) with a port each way: a rank puts one message at a time on the wire and takes one at a time off it,
/// messages cut through, room in a FIFO is known to the sender one latency after it is free, and reductions of a channel run one after the other. Local copies are free.
/// </summary>
public static class ScheduleSimulator
{
    /// <summary>Simulates one call.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="costs">The costs.</param>
    /// <param name="byteCount">The bytes of a whole buffer (of all blocks); chunks are equal parts of it, and a message is as long as its chunks together. A barrier's carry nothing.</param>
    /// <param name="credits">The messages that a FIFO holds; at least <see cref="ISchedule.MinimumCredits"/>.</param>
    /// <returns>For each rank the second at which its last step is done, from a common start at 0.</returns>
    /// <exception cref="ScheduleException">It deadlocks.</exception>
    public static double[] Run(ISchedule schedule, in Shape shape, CostModel costs, long byteCount, int credits)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(costs);
        ArgumentOutOfRangeException.ThrowIfNegative(byteCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(credits, schedule.MinimumCredits(shape));
        shape.Validate();
        return new VirtualCluster(schedule, shape, new LaneProgram(schedule, shape), costs, (double)byteCount / schedule.ChunkCount(shape), credits).Run();
    }
}
