namespace RdmaCollectives.Schedules.Drawing;

/// <summary>A step as it happened in a run, or several copies that follow each other between the same two buffers.</summary>
/// <param name="Lane">The lane: rank * channels + channel.</param>
/// <param name="Column">When: one more than the latest of the steps that it waits for.</param>
/// <param name="Step">The step; of several copies the first.</param>
/// <param name="Places">The chunks that it stores to, or sends.</param>
/// <param name="Values">What is in them.</param>
/// <param name="IsComplete">Whether this is how it ends: a result that is final, a block in its place, a rank that has heard of all.</param>
/// <param name="Sender">The step that sent the message that it takes; null when it takes none.</param>
internal sealed record TracedStep(int Lane, int Column, Step Step, List<int> Places, List<TracedValue> Values, bool IsComplete, TracedStep? Sender)
{
    /// <summary>The buffer of <see cref="Places"/>.</summary>
    public StepBuffer Buffer => Step.HasStore ? Step.Destination : Step.Source;
}
