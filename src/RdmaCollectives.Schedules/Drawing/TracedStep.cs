namespace RdmaCollectives.Schedules.Drawing;

/// <summary>A step as it happened in a run.</summary>
/// <param name="Lane">The lane: rank * channels + channel.</param>
/// <param name="Column">When: one more than the latest of the steps that it waits for.</param>
/// <param name="Step">The step.</param>
/// <param name="Contributors">The ranks whose contributions are in the value, from left to right.</param>
/// <param name="IsFinal">Whether the value is complete.</param>
/// <param name="Sender">The step that sent the message that it takes; null when it takes none.</param>
internal sealed record TracedStep(int Lane, int Column, Step Step, IReadOnlyList<int> Contributors, bool IsFinal, TracedStep? Sender);
