using System.Text;
using RdmaCollectives.Fuzz.Engine;
using RdmaCollectives.Schedules;
using RdmaCollectives.Schedules.Json;

namespace RdmaCollectives.Fuzz.Parsers;

/// <summary>Schedule files: what is read is written, and read back as the same.</summary>
internal sealed class ScheduleTarget : FuzzTarget
{
    private static readonly string[] s_numbers = ["0", "1", "-1", "2147483647", "2147483648", "-2147483648", "1e9", "1.5", "255", "256", "65535", "65536", "9999999999999999999999", "null", "\"1\"", "[]", "{}", "1000000", "100000000"];

    private readonly byte[][] _files = [.. Files()];

    public override string Name => "schedule-json";

    public override IReadOnlyList<string> Sources => ["Json/JsonSchedule.cs", "Json/ListedShape.cs", "Json/StepFields.cs", "Json/StepConverter.cs", "Json/NameConverter.cs", "Json/JsonFault.cs", "Json/JsonText.cs"];

    public override bool TakesItsSamples => false;

    public override long AllocationBound(int inputBytes) => (256L * inputBytes) + (6 << 20); // objects of a step are larger than its text, and there is an entry for each of up to a million chunks, and it is read twice

    public override Sample Generate(Random random)
    {
        byte[] file = _files[random.Next(_files.Length)];
        List<Field> tokens = Tokens(file);
        if (random.Next(2) == 0 && tokens.FindAll(token => char.IsAsciiDigit((char)file[token.Offset])) is { Count: > 0 } numbers)
        {
            Field number = numbers[random.Next(numbers.Count)];
            file = [.. file.AsSpan(0, number.Offset), .. Encoding.ASCII.GetBytes(s_numbers[random.Next(s_numbers.Length)]), .. file.AsSpan(number.Offset + number.Length)];
            tokens = random.Next(2) == 0 ? [] : Tokens(file);
        }

        return new Sample(file, tokens);
    }

    public override Outcome Run(byte[] input)
    {
        JsonSchedule schedule;
        try
        {
            schedule = JsonSchedule.Load(new MemoryStream(input, writable: false));
        }
        catch (ScheduleException)
        {
            return Outcome.Refused;
        }

        byte[] written = Write(schedule);
        return Write(JsonSchedule.Load(new MemoryStream(written, writable: false))).AsSpan().SequenceEqual(written)
            ? Outcome.Accepted
            : throw new BrokenInvariantException("what is written is read back as something else");
    }

    private static byte[] Write(JsonSchedule schedule)
    {
        using var stream = new MemoryStream();
        JsonSchedule.Write(schedule, schedule.Shapes, stream);
        return stream.ToArray();
    }

    private static IEnumerable<byte[]> Files()
    {
        foreach (ISchedule schedule in ScheduleCatalog.All)
        {
            var shape = new Shape(3, 0, 1, 1);
            if (schedule.Supports(shape))
            {
                using var stream = new MemoryStream();
                JsonSchedule.Write(schedule, shape, stream);
                if (stream.Length < 6000)
                {
                    yield return stream.ToArray();
                }
            }
        }
    }

    // Words, numbers and brackets.
    private static List<Field> Tokens(byte[] json)
    {
        var tokens = new List<Field>();
        for (int at = 0; at < json.Length;)
        {
            int start = at;
            if (char.IsAsciiLetterOrDigit((char)json[at]))
            {
                while (at < json.Length && char.IsAsciiLetterOrDigit((char)json[at]))
                {
                    at++;
                }

                tokens.Add(new Field(start, at - start, FieldKind.Text));
            }
            else
            {
                if (!char.IsWhiteSpace((char)json[at]))
                {
                    tokens.Add(new Field(start, 1, FieldKind.Text));
                }

                at++;
            }
        }

        return tokens;
    }
}
