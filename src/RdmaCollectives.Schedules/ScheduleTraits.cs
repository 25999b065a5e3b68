namespace RdmaCollectives.Schedules;

/// <summary>What a schedule promises beyond its collective. The verifier checks each promise.</summary>
[Flags]
public enum ScheduleTraits
{
    /// <summary>Nothing more.</summary>
    None = 0,

    /// <summary>The operands of every result are in rank order from left to right, so reducers that do not commute are served.</summary>
    RankOrdered = 1,

    /// <summary>Every result is the fixed tree over the ranks (see the bit-exact mode in docs/numerics.md), whatever the shape's channels.</summary>
    FixedTree = 2,

    /// <summary>
    /// Blocks may be of different sizes: a message carries the same chunks at both ends, so that both know its size (all-to-all, gather and scatter, where only a pair of ranks knows a size: straight from an input to an output).
    /// </summary>
    VariableBlocks = 4,

    /// <summary>
    /// A chunk of the result that a rank receives into its output, and stores nothing over, may be stored there by its sender, as soon as that has it: whoever used the memory before in this call is known there to be done.
    /// Transports then write results straight into the receiver's memory.
    /// </summary>
    OpenOutput = 8,
}
