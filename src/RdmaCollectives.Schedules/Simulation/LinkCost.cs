namespace RdmaCollectives.Schedules.Simulation;

/// <summary>What a message costs between two ranks: <c>LatencySeconds + bytes * SecondsPerByte</c> (alpha and beta).</summary>
/// <param name="LatencySeconds">Alpha: the time until the first byte is there.</param>
/// <param name="SecondsPerByte">Beta: the inverse of the bandwidth.</param>
public readonly record struct LinkCost(double LatencySeconds, double SecondsPerByte);
