using System.Text.Json;

namespace RdmaCollectives.Schedules.Json;

/// <summary>Writes a schedule as a file, a step on a line.</summary>
internal static class ScheduleFileWriter
{
    public static void Write(ISchedule schedule, IReadOnlyList<Shape> shapes, Stream stream)
    {
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        writer.WriteStartObject();
        writer.WriteString("name", schedule.Name);
        writer.WriteString("collective", schedule.Collective.ToString());
        WriteTraits(writer, schedule.Traits);
        writer.WriteStartArray("shapes");
        foreach (Shape shape in shapes)
        {
            WriteShape(writer, schedule, shape);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteTraits(Utf8JsonWriter writer, ScheduleTraits traits)
    {
        ScheduleTraits[] held = [.. Enum.GetValues<ScheduleTraits>().Where(trait => trait != ScheduleTraits.None && traits.HasFlag(trait))];
        if (held.Length > 0)
        {
            writer.WritePropertyName("traits");
            writer.WriteRawValue($"[{string.Join(", ", held.Select(static trait => $"\"{trait}\""))}]");
        }
    }

    private static void WriteShape(Utf8JsonWriter writer, ISchedule schedule, Shape shape)
    {
        writer.WriteStartObject();
        writer.WriteNumber("ranks", shape.Ranks);
        WriteUnless(writer, "root", shape.Root, 0);
        WriteUnless(writer, "channels", shape.Channels, 1);
        WriteUnless(writer, "localRanks", shape.LocalRanks, 1);
        writer.WriteNumber("chunks", schedule.ChunkCount(shape));
        writer.WriteNumber("scratchPlanes", schedule.ScratchPlanes(shape));
        writer.WriteNumber("credits", schedule.MinimumCredits(shape));
        writer.WriteStartArray("steps");
        const string LineOfAStep = "\n          "; // the writer does not indent what it takes as it is
        for (int rank = 0; rank < shape.Ranks; rank++)
        {
            writer.WriteStartArray();
            for (int index = 0; index < schedule.StepCount(shape, rank); index++)
            {
                writer.WriteRawValue(LineOfAStep + StepConverter.Format(schedule.GetStep(shape, rank, index)), skipInputValidation: true);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteUnless(Utf8JsonWriter writer, string name, int value, int usual)
    {
        if (value != usual)
        {
            writer.WriteNumber(name, value);
        }
    }
}
