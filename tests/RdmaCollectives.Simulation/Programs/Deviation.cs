using RdmaCollectives.Schedules;
using RdmaCollectives.Simulation.Scheduling;

namespace RdmaCollectives.Simulation.Programs;

/// <summary>How one rank does not do what all others do, at one instruction.</summary>
internal enum DeviationKind
{
    /// <summary>All do the same.</summary>
    None,

    /// <summary>An element more.</summary>
    Count,

    /// <summary>Another root.</summary>
    Root,

    /// <summary>A barrier instead.</summary>
    Barrier,

    /// <summary>The instruction is left out.</summary>
    Skip,
}

/// <summary>A program that is wrong on one rank: all ranks have to be told, in words, and soon.</summary>
internal sealed record Deviation(DeviationKind Kind, int Rank, int Index)
{
    public static Deviation None { get; } = new(DeviationKind.None, -1, -1);

    public static Deviation Make(SeededRandom random, int ranks, int length) =>
        new(random.Pick(DeviationKind.Count, DeviationKind.Root, DeviationKind.Barrier, DeviationKind.Skip), random.Next(ranks), random.Next(length));

    /// <summary>What the rank does at that place; null where it does nothing.</summary>
    public Instruction? Of(Instruction instruction, int rank, int index)
    {
        if (rank != Rank || index != Index || instruction.Kind == InstructionKind.Split)
        {
            return instruction;
        }

        return Kind switch
        {
            DeviationKind.Count => instruction with { Count = instruction.Count + 1 },
            DeviationKind.Root => instruction with { Root = instruction.Root + 1 },
            DeviationKind.Barrier => instruction with { Kind = InstructionKind.Collective, Collective = CollectiveKind.Barrier, Algorithm = null },
            DeviationKind.Skip => null,
            _ => instruction,
        };
    }
}
