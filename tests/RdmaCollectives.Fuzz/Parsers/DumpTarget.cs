using System.Text;
using System.Text.Json;
using RdmaCollectives.Fuzz.Engine;
using RdmaCollectives.Tool;
using RdmaCollectives.Tool.Inspect;

namespace RdmaCollectives.Fuzz.Parsers;

/// <summary>Dumps of the flight recorder, which <c>rdmacc inspect</c> reads from files that anybody may have written.</summary>
internal sealed class DumpTarget : FuzzTarget
{
    private static readonly string[] s_words = ["null", "0", "-1", "1e300", "9223372036854775807", "65536", "2147483648", "\"\"", "[]", "{}", "[null]", "true", "\"\\u0000\"", "\"\\ud800\""];

    private readonly string _valid = Valid();

    public override string Name => "flight-dump";

    public override IReadOnlyList<string> Sources => ["Inspect/DumpReader.cs"];

    public override bool TakesItsSamples => false;

    public override long AllocationBound(int inputBytes) => (256L * inputBytes) + (1 << 20);

    public override Sample Generate(Random random)
    {
        string text = _valid;
        if (random.Next(3) != 0)
        {
            // A value of a member becomes another.
            int colon = Nth(text, ':', random.Next(text.Count(static c => c == ':')));
            int end = text.IndexOfAny([',', '}', ']', '\n'], colon);
            text = $"{text[..(colon + 1)]} {s_words[random.Next(s_words.Length)]}{text[end..]}";
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return new Layout(bytes).Done(FieldKind.Text);
    }

    public override Outcome Run(byte[] input)
    {
        try
        {
            Dump dump = DumpReader.Read("dump.json", new MemoryStream(input));
            return dump.WorldSize >= 1 && dump.Rank >= 0 && dump.Rank < dump.WorldSize ? Outcome.Accepted : throw new BrokenInvariantException("a dump of no rank was taken");
        }
        catch (ToolException)
        {
            return Outcome.Refused;
        }
    }

    private static int Nth(string text, char wanted, int number)
    {
        int at = text.IndexOf(wanted);
        for (; number > 0; number--)
        {
            at = text.IndexOf(wanted, at + 1);
        }

        return at;
    }

    // As the library writes it: two ranks, one call.
    private static string Valid()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2);
        string path = Path.Combine(Path.GetTempPath(), $"rdmacc-fuzz-{Guid.NewGuid():N}.json");
        try
        {
            group.Run(communicator =>
            {
                communicator.Barrier();
                if (communicator.Rank == 0)
                {
                    using FileStream file = File.Create(path);
                    communicator.DumpFlightRecorder(file);
                }
            });
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
            return JsonSerializer.Serialize(document.RootElement, new JsonSerializerOptions { WriteIndented = true });
        }
        finally
        {
            File.Delete(path);
        }
    }
}
