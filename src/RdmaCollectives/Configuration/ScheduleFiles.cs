using RdmaCollectives.Schedules;
using RdmaCollectives.Schedules.Json;

namespace RdmaCollectives.Configuration;

/// <summary>The user's schedules: those of the program, and those of files. A file that cannot be read or is no schedule is one more objection among those of all options.</summary>
internal static class ScheduleFiles
{
    public static IReadOnlyList<ISchedule> Read(OptionReader reader)
    {
        Setting<string?> files = OptionTable.ScheduleFiles.Find(reader);
        var schedules = new List<ISchedule>(reader.Options.Schedules ?? []);
        foreach (string path in (files.Value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            try
            {
                schedules.Add(JsonSchedule.Parse(reader.Inputs.ReadFile(path)));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                reader.Object(OptionTable.ScheduleFiles, $"{files.Origin} names '{path}', which can't be read: {error.Message}");
            }
            catch (ScheduleException error)
            {
                reader.Object(OptionTable.ScheduleFiles, $"{files.Origin} names '{path}', which is not a schedule: {error.Message}");
            }
        }

        return schedules;
    }
}
