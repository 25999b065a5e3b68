namespace RdmaCollectives.Tests.Memory.Model;

/// <summary>A value that was written to a word, with what whoever reads it by acquire then knows besides.</summary>
/// <param name="Value">The value.</param>
/// <param name="View">Per location the number of the oldest value that may still be read.</param>
/// <param name="IsAtomic">Written by an exchange: nothing can come between it and the value that it replaced.</param>
internal sealed record StoredValue(ulong Value, byte[] View, bool IsAtomic);
