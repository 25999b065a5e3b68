namespace RdmaCollectives.Fuzz.Engine;

/// <summary>A parser took what it must not take, or read something else than what stands there.</summary>
internal sealed class BrokenInvariantException(string what) : Exception(what);
