namespace RdmaCollectives.Simulation.Programs;

/// <summary>A rank computes for a while before an instruction, and the others wait for it.</summary>
internal sealed record Lateness(int Rank, int Index, TimeSpan By);
