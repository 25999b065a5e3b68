namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>Into how many pieces a buffer is cut that passes through a chain of ranks.</summary>
internal static class Pipelining
{
    /// <summary>The most pieces: enough to keep chains busy, few enough for the pieces of middle-sized buffers to be worth a message. Large buffers take several rounds anyway, and those follow each other as the pieces do.</summary>
    public const int MaxPieces = 32;

    /// <summary>As many pieces as ranks: the chain is full for half of the time, at twice the time of the bytes alone.</summary>
    public static int ChainPieces(in Shape shape) => Math.Min(shape.Ranks, MaxPieces);
}
