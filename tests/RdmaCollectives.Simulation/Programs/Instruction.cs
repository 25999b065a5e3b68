using RdmaCollectives.Schedules;

namespace RdmaCollectives.Simulation.Programs;

/// <summary>What an instruction of a program does.</summary>
internal enum InstructionKind
{
    /// <summary>A collective.</summary>
    Collective,

    /// <summary>Every rank sends to the next one on the ring and receives from the one before.</summary>
    Shift,

    /// <summary>All others send to the root, which receives from any.</summary>
    ReceiveAny,

    /// <summary>An all-reduce, a shift and a broadcast as one.</summary>
    Group,

    /// <summary>Collectives queued one behind the other, and one synchronous call behind them.</summary>
    Queued,

    /// <summary>The communicator is split, and later instructions run in the parts.</summary>
    Split,
}

/// <summary>One instruction; all ranks have the same list.</summary>
/// <param name="Kind">What.</param>
/// <param name="Collective">Which, where it is one.</param>
/// <param name="Count">Elements, of a block where there is one for each rank.</param>
/// <param name="Root">Root, modulo the size of the communicator.</param>
/// <param name="Algorithm">The name of the schedule, or null.</param>
/// <param name="InPart">Runs in the part that the last split made, where there is one.</param>
/// <param name="IsRegistered">Buffers are the communicator's own.</param>
/// <param name="Colors">For a split, how many parts.</param>
internal sealed record Instruction(InstructionKind Kind, CollectiveKind Collective, int Count, int Root, string? Algorithm, bool InPart, bool IsRegistered, int Colors);
