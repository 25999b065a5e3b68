using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>A piece of local memory in a work request; the C struct <c>ibv_sge</c> itself.</summary>
/// <param name="address">The address of its first byte.</param>
/// <param name="byteCount">The number of bytes.</param>
/// <param name="localKey">The lkey of the region that holds it; not looked at for <see cref="SendFlags.Inline"/>.</param>
public readonly struct ScatterGatherElement(ulong address, uint byteCount, uint localKey)
{
    private readonly ibv_sge _native = new() { addr = address, length = byteCount, lkey = localKey };

    /// <summary>The piece that starts at <paramref name="address"/>.</summary>
    public unsafe ScatterGatherElement(void* address, uint byteCount, uint localKey)
        : this((ulong)address, byteCount, localKey)
    {
    }

    /// <summary>The address of its first byte.</summary>
    public ulong Address => _native.addr;

    /// <summary>The number of bytes.</summary>
    public uint ByteCount => _native.length;

    /// <summary>The lkey of the region that holds it.</summary>
    public uint LocalKey => _native.lkey;
}
