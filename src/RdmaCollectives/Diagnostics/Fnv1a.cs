using System.Runtime.CompilerServices;

namespace RdmaCollectives.Diagnostics;

/// <summary>
/// The 32-bit hash FNV-1a (draft-eastlake-fnv), for what ranks compare. Not <see cref="HashCode"/>: that one is seeded per process.
/// </summary>
internal struct Fnv1a()
{
    private const uint Offset = 2166136261;
    private const uint Prime = 16777619;

    public uint Value { get; private set; } = Offset;

    public void Add(byte value) => Value = (Value ^ value) * Prime;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            Add(b);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(ulong value)
    {
        for (int shift = 0; shift < 64; shift += 8)
        {
            Add((byte)(value >> shift));
        }
    }

    public void Add(string text)
    {
        foreach (char c in text)
        {
            Add((byte)c);
            Add((byte)(c >> 8));
        }
    }
}
