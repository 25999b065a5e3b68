namespace RdmaCollectives.Simulation.Scheduling;

/// <summary>Ends a fiber from within: its process died, or the simulation is over. Thrown at a point; no code of a program catches it for good.</summary>
internal sealed class UnwindException() : Exception("The simulated process has ended.");

/// <summary>Likewise, where nothing goes on any more: the stack tells where the fiber waited.</summary>
internal sealed class StuckException() : Exception("Nothing goes on in the simulation.");
