namespace RdmaCollectives.Schedules.Simulation;

/// <summary>The costs that a simulation computes with.</summary>
/// <param name="Link">The cost of the way from a rank (first) to another (second).</param>
/// <param name="ReductionSecondsPerByte">Gamma: what it takes to combine a byte with another.</param>
public sealed record CostModel(Func<int, int, LinkCost> Link, double ReductionSecondsPerByte)
{
    /// <summary>The same cost between all ranks.</summary>
    public static CostModel Uniform(LinkCost link, double reductionSecondsPerByte = 0) => new((_, _) => link, reductionSecondsPerByte);
}
