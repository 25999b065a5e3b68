namespace RdmaCollectives.Schedules.Verification;

/// <summary>Chunks of one rank's memory that follow each other, cyclically inside a plane: behind the last chunk of the plane comes its first.</summary>
/// <param name="Plane">The plane: 0 for the output (in place the input too), 1 and up for scratch, <see cref="SeparateInput"/> for an input that is never the output.</param>
/// <param name="First">The first chunk, counted in its plane.</param>
/// <param name="Count">How many.</param>
internal readonly record struct ChunkRange(int Plane, int First, int Count)
{
    /// <summary>The plane of an input that is memory of its own. Nothing is ever stored there.</summary>
    public const int SeparateInput = -1;

    /// <summary>The chunk <paramref name="offset"/> places on, counted in its plane.</summary>
    public int At(int offset, int chunks) => First + offset < chunks ? First + offset : First + offset - chunks;

    /// <summary>Whether the two have a chunk in common.</summary>
    public bool Overlaps(in ChunkRange other, int chunks) =>
        Plane == other.Plane && (Distance(First, other.First, chunks) < Count || Distance(other.First, First, chunks) < other.Count);

    /// <summary>Whether all of the other one's chunks are in this one.</summary>
    public bool Contains(in ChunkRange other, int chunks) =>
        Plane == other.Plane && other.Count <= Count && (Count == chunks || Distance(First, other.First, chunks) + other.Count <= Count);

    private static int Distance(int from, int to, int chunks) => to >= from ? to - from : to - from + chunks;
}
