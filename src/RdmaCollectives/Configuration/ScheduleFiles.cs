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
                string text = reader.Inputs.ReadFile(path);
                if (!IsJsonObject(text))
                {
                    // What a reader of JSON says of another file quotes it, and that may be the one with the secret.
                    reader.Object(OptionTable.ScheduleFiles, $"{files.Origin} names '{path}', which is not a schedule: it does not begin with '{{'.");
                    continue;
                }

                schedules.Add(JsonSchedule.Parse(text));
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

    private static bool IsJsonObject(string text) => text.AsSpan().TrimStart() is ['{' or '/', ..]; // comments may stand before it
}
