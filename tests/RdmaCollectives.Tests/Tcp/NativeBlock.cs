using System.Runtime.InteropServices;

namespace RdmaCollectives.Tests.Tcp;

/// <summary>Memory that stays put, for sources and destinations.</summary>
internal sealed unsafe class NativeBlock(int byteCount) : IDisposable
{
    public byte* Pointer { get; } = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(1, byteCount), 64);

    public Span<byte> Span => new(Pointer, byteCount);

    public void Dispose() => NativeMemory.AlignedFree(Pointer);
}
