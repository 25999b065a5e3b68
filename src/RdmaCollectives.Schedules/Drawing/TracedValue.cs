namespace RdmaCollectives.Schedules.Drawing;

/// <summary>What one chunk holds in a run.</summary>
/// <param name="Chunk">The chunk of the input that it is made of.</param>
/// <param name="Ranks">The ranks whose inputs are in it, from left to right.</param>
/// <param name="IsFinal">Whether it was marked final.</param>
internal sealed record TracedValue(int Chunk, IReadOnlyList<int> Ranks, bool IsFinal = false);
