using System.Text;
using System.Text.Json;

namespace RdmaCollectives.Schedules.Json;

/// <summary>
/// A schedule written by hand or by a program of the user's own: steps listed in JSON, for one shape or several. The words are those of <see cref="StepKind"/>, <see cref="StepBuffer"/> and
/// <see cref="Step"/>; docs/schedules.md describes the file. Reading checks the form; what the steps do is for <see cref="Verification.ScheduleVerifier"/> to prove. It may be used from any thread.
/// </summary>
public sealed class JsonSchedule : ISchedule
{
    private readonly ListedShape[] _shapes;

    private JsonSchedule(string name, CollectiveKind collective, ScheduleTraits traits, ListedShape[] shapes)
    {
        Name = name;
        Collective = collective;
        Traits = traits;
        _shapes = shapes;
        Shapes = [.. shapes.Select(static shape => shape.Shape)];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public CollectiveKind Collective { get; }

    /// <inheritdoc/>
    public ScheduleTraits Traits { get; }

    /// <summary>The shapes that the file has steps for. One that does not say <c>localRanks</c> is listed with 1 and serves any.</summary>
    public IReadOnlyList<Shape> Shapes { get; }

    /// <summary>Reads a schedule from JSON text.</summary>
    /// <exception cref="ScheduleException">Rule <c>json</c>: the text is not a schedule. The message says the line, the place in the file, the value and what is allowed; the inner exception is the <see cref="JsonException"/>.</exception>
    public static JsonSchedule Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return Read(Encoding.UTF8.GetBytes(json));
    }

    /// <summary>Reads a schedule from a stream of UTF-8, to its end.</summary>
    /// <exception cref="ScheduleException">As <see cref="Parse"/>.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static JsonSchedule Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return Read(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <summary>Writes any schedule, for one shape, as a file that <see cref="Load"/> reads: a step on a line.</summary>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Write(ISchedule schedule, in Shape shape, Stream stream) => Write(schedule, [shape], stream);

    /// <summary>Writes any schedule, for several shapes.</summary>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Write(ISchedule schedule, IReadOnlyList<Shape> shapes, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(shapes);
        ArgumentNullException.ThrowIfNull(stream);
        ScheduleFileWriter.Write(schedule, shapes, stream);
    }

    /// <inheritdoc/>
    public bool Supports(in Shape shape) => TryFind(shape, out _);

    /// <inheritdoc/>
    public int ChunkCount(in Shape shape) => Find(shape).Chunks;

    /// <inheritdoc/>
    public int ScratchPlanes(in Shape shape) => Find(shape).ScratchPlanes;

    /// <inheritdoc/>
    public int MessageChunks(in Shape shape) => Find(shape).MessageChunks;

    /// <inheritdoc/>
    public int ChannelOf(in Shape shape, int chunk) => Find(shape).ChannelOf(chunk);

    /// <inheritdoc/>
    public int MinimumCredits(in Shape shape) => Find(shape).Credits;

    /// <inheritdoc/>
    public int StepCount(in Shape shape, int rank) => Find(shape).StepsOf(rank).Length;

    /// <inheritdoc/>
    public Step GetStep(in Shape shape, int rank, int index) => Find(shape).StepsOf(rank)[index];

    private static JsonSchedule Read(ReadOnlySpan<byte> json)
    {
        try
        {
            ScheduleFile file = JsonSerializer.Deserialize(json, ScheduleFileContext.Default.ScheduleFile) ?? throw new JsonException("null is not a schedule");
            var shapes = new ListedShape[file.Shapes.Length];
            for (int i = 0; i < shapes.Length; i++)
            {
                shapes[i] = new ListedShape(file, i);
            }

            return new JsonSchedule(file.Name, file.Collective, file.Traits.Aggregate(ScheduleTraits.None, static (all, trait) => all | trait), shapes);
        }
        catch (JsonException e)
        {
            throw JsonFault.Create(e);
        }
    }

    private ListedShape Find(in Shape shape) =>
        TryFind(shape, out ListedShape? listed) ? listed! : throw new ArgumentException($"{Name} has no steps for {shape}; it has them for {string.Join(", ", Shapes)}.", nameof(shape));

    private bool TryFind(in Shape shape, out ListedShape? listed)
    {
        listed = null;
        foreach (ListedShape candidate in _shapes)
        {
            if (candidate.Serves(shape))
            {
                listed = candidate;
                return true;
            }
        }

        return false;
    }
}
