using System.Collections;
using System.Text.Json;

namespace RdmaCollectives.Schedules.Json;

/// <summary>The steps of a file for one shape, with what follows from them.</summary>
internal sealed class ListedShape
{
    // There is an entry per chunk: a few characters of a file must not ask for gigabytes.
    private const int MaxChunks = 1 << 20;

    private readonly Step[][] _steps;
    private readonly byte[] _channelOf;
    private readonly bool _servesAnyHosts;

    public ListedShape(ScheduleFile file, int index)
    {
        ScheduleFileShape listed = file.Shapes[index];
        string path = $"$.shapes[{index}]";
        Check(listed.Ranks >= 1, path, "ranks", listed.Ranks, "1 and up");
        Check(listed.Root >= 0 && listed.Root < listed.Ranks, path, "root", listed.Root, $"0 to {listed.Ranks - 1}");
        Check(listed.Root == 0 || file.Collective.IsRooted(), path, "root", listed.Root, $"0, as {file.Collective} has no root");
        Check(listed.Channels is >= 1 and <= 256, path, "channels", listed.Channels, "1 to 256");
        Check(listed.LocalRanks is null or >= 1 && listed.Ranks % (listed.LocalRanks ?? 1) == 0, path, "localRanks", listed.LocalRanks ?? 0, $"a number that divides {listed.Ranks}");
        Check(listed.Chunks is >= 1 and <= MaxChunks, path, "chunks", listed.Chunks, $"1 to {MaxChunks}");
        Check(listed.ScratchPlanes is null or >= 0, path, "scratchPlanes", listed.ScratchPlanes ?? 0, "0 and up");
        Check(listed.Credits >= 0, path, "credits", listed.Credits, "0 and up");
        Check(listed.Steps.Length == listed.Ranks, path, "steps", listed.Steps.Length, $"a list for each of the {listed.Ranks} ranks");

        Shape = new Shape(listed.Ranks, listed.Root, listed.Channels, listed.LocalRanks ?? 1);
        for (int other = 0; other < index; other++)
        {
            ScheduleFileShape earlier = file.Shapes[other];
            if (new Shape(earlier.Ranks, earlier.Root, earlier.Channels, earlier.LocalRanks ?? 1) == Shape && earlier.LocalRanks == listed.LocalRanks)
            {
                throw new JsonException($"the shape is there twice: {Shape}", path, null, null);
            }
        }

        _steps = listed.Steps;
        _servesAnyHosts = listed.LocalRanks is null;
        Chunks = listed.Chunks;
        Credits = listed.Credits;
        IEnumerable<Step> all = _steps.SelectMany(static steps => steps);
        MessageChunks = all.Where(static step => step.HasReceive || step.HasSend).Select(static step => step.Count).DefaultIfEmpty(1).Max();
        ScratchPlanes = listed.ScratchPlanes ?? all.Select(PlanesNamed).DefaultIfEmpty(0).Max();
        _channelOf = Channels(all, Chunks);
    }

    public Shape Shape { get; }

    public int Chunks { get; }

    public int ScratchPlanes { get; }

    public int MessageChunks { get; }

    public int Credits { get; }

    public Step[] StepsOf(int rank) => _steps[rank];

    public int ChannelOf(int chunk) => _channelOf[chunk];

    public bool Serves(in Shape shape) => _servesAnyHosts ? shape with { LocalRanks = 1 } == Shape : shape == Shape;

    private static void Check(bool isRight, string path, string name, int value, string allowed)
    {
        if (!isRight)
        {
            throw new JsonException($"\"{name}\" is {value}; allowed is {allowed}", $"{path}.{name}", null, null);
        }
    }

    private int PlanesNamed(Step step) =>
        Math.Max(step.Source == StepBuffer.Scratch ? 1 + (step.SourceChunk / Chunks) : 0, step.Destination == StepBuffer.Scratch ? 1 + (step.Chunk / Chunks) : 0);

    /// <summary>A chunk is on the channel of the first step that touches it; should another step be on another channel, the verifier says so.</summary>
    private static byte[] Channels(IEnumerable<Step> steps, int chunks)
    {
        var channels = new byte[chunks];
        var isKnown = new BitArray(chunks);
        foreach (Step step in steps)
        {
            for (int i = 0; i < Math.Min(step.Count, chunks); i++)
            {
                Put((int)(((long)step.Chunk + i) % chunks), step.Channel);
                Put((int)(((long)step.SourceChunk + i) % chunks), step.Channel);
            }
        }

        return channels;

        void Put(int chunk, int channel)
        {
            channels[chunk] = isKnown[chunk] ? channels[chunk] : (byte)channel;
            isKnown[chunk] = true;
        }
    }
}
