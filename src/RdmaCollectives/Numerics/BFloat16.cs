namespace RdmaCollectives.Numerics;

/// <summary>The upper half of a <see cref="float"/>: plain 16-bit storage with conversions.</summary>
public readonly struct BFloat16;
