namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>What a step works on.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Chunk">The first chunk.</param>
/// <param name="Count">How many chunks follow each other, the first included.</param>
internal readonly record struct StepRange(int Channel, int Chunk, int Count = 1);
