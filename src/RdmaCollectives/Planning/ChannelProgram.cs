namespace RdmaCollectives.Planning;

/// <summary>The steps of this rank on one channel, in order, and how far the running call has come in them.</summary>
internal sealed class ChannelProgram(int channel, PlanStep[] steps, ShortStep[] shortSteps)
{
    public int Channel { get; } = channel;

    public PlanStep[] Steps { get; } = steps;

    /// <summary>Of a small plan the same steps as <see cref="ShortStep"/>s, else none.</summary>
    public ShortStep[] ShortSteps { get; } = shortSteps;

    /// <summary>The round that the channel is in.</summary>
    public int Round;

    /// <summary>The next step in that round.</summary>
    public int Index;
}
