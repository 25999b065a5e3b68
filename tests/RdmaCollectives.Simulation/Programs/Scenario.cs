using RdmaCollectives.Simulation.Faults;

namespace RdmaCollectives.Simulation.Programs;

/// <summary>What is not left to the seed: a program that is known, for a test of what once went wrong.</summary>
internal sealed record Scenario
{
    public required int Ranks { get; init; }

    public required IReadOnlyList<Instruction> Program { get; init; }

    public int SlotBytes { get; init; } = 64;

    public int Slots { get; init; } = 2;

    /// <summary>How many processes come after the start; the program ends by taking them in.</summary>
    public int Newcomers { get; init; }

    public Deviation Deviation { get; init; } = Deviation.None;

    /// <summary>What is put where; null: nothing.</summary>
    public (FaultKind Kind, PointKind Point, Activity Activity)? Fault { get; init; } = (FaultKind.None, PointKind.Poll, Activity.Collective);
}
