using RdmaCollectives.Schedules;
using RdmaCollectives.Schedules.Json;

namespace RdmaCollectives.Tool.Perf;

/// <summary>The schedules that a communicator made by the tool knows: those of the library, and those of the files that the user's options name.</summary>
internal static class KnownSchedules
{
    private static readonly Lazy<IReadOnlyList<ISchedule>> OfTheUser = new(ReadFiles);

    public static IEnumerable<ISchedule> For(CollectiveKind collective) =>
        ScheduleCatalog.For(collective).Concat(OfTheUser.Value.Where(schedule => schedule.Collective == collective));

    public static ISchedule? Find(CollectiveKind collective, string name) =>
        For(collective).FirstOrDefault(schedule => string.Equals(schedule.Name, name, StringComparison.Ordinal));

    private static List<ISchedule> ReadFiles()
    {
        OptionValue files = new CommunicatorOptions().Describe().Single(option => option.Name == nameof(CommunicatorOptions.ScheduleFiles));
        List<ISchedule> schedules = [];
        foreach (string path in files.Source == OptionSource.Default ? [] : files.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                using FileStream file = File.OpenRead(path);
                schedules.Add(JsonSchedule.Load(file));
            }
            catch (Exception error) when (error is ScheduleException or IOException or UnauthorizedAccessException)
            {
                throw ToolException.BadArguments($"{files.Origin} names '{path}', which can't be used: {error.Message} Mend the file, or name another.");
            }
        }

        return schedules;
    }
}
