namespace RdmaCollectives.Schedules.Tests;

/// <summary>All-reduce schedules by their names.</summary>
internal static class AllSchedules
{
    public static IReadOnlyList<ISchedule> All { get; } = [.. ScheduleCatalog.For(CollectiveKind.AllReduce)];

    public static ISchedule ByName(string name) => All.Single(schedule => string.Equals(schedule.Name, name, StringComparison.Ordinal));
}
