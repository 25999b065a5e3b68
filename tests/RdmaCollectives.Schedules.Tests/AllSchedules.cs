using RdmaCollectives.Schedules.Algorithms;

namespace RdmaCollectives.Schedules.Tests;

/// <summary>The algorithms that every general test goes over.</summary>
internal static class AllSchedules
{
    public static IReadOnlyList<ISchedule> All { get; } = [RingAllReduce.Instance, DirectAllReduce.Instance];

    public static ISchedule ByName(string name) => All.Single(schedule => string.Equals(schedule.Name, name, StringComparison.Ordinal));
}
