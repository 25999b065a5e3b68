namespace RdmaCollectives.Planning;

/// <summary>What a call asks of its schedule beyond its collective.</summary>
[Flags]
internal enum PlanDemands : byte
{
    None = 0,

    /// <summary>The reducer does not commute: operands in rank order.</summary>
    RankOrder = 1,

    /// <summary>Bit-exact: the fixed tree over the ranks.</summary>
    FixedTree = 2,

    /// <summary>Blocks of different sizes, which change from call to call.</summary>
    VariableBlocks = 4,
}
