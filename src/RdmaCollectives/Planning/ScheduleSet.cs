using RdmaCollectives.Schedules;

namespace RdmaCollectives.Planning;

/// <summary>The schedules that the calls of a communicator may run: the built-in ones, and those that the user gave at creation, the same on all ranks.</summary>
internal sealed class ScheduleSet
{
    private readonly Dictionary<(CollectiveKind, string), ISchedule> _users = [];

    public ScheduleSet(IEnumerable<ISchedule>? users = null)
    {
        foreach (ISchedule schedule in users ?? [])
        {
            _users[(schedule.Collective, schedule.Name)] = schedule;
        }
    }

    /// <summary>The schedule of that name, or null. A user's goes before a built-in one.</summary>
    public ISchedule? Find(CollectiveKind collective, string name) =>
        _users.TryGetValue((collective, name), out ISchedule? schedule) ? schedule : ScheduleCatalog.Find(collective, name);

    public bool IsUsers(ISchedule schedule) => _users.TryGetValue((schedule.Collective, schedule.Name), out ISchedule? own) && ReferenceEquals(own, schedule);

    /// <summary>All names for a collective.</summary>
    public IEnumerable<string> Names(CollectiveKind collective) =>
        ScheduleCatalog.For(collective).Concat(_users.Values.Where(schedule => schedule.Collective == collective)).Select(schedule => schedule.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
}
