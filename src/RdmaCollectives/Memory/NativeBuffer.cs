using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RdmaCollectives.Memory;

/// <summary>Aligned native memory of this process alone; zero at first, freed when disposed.</summary>
internal sealed unsafe class NativeBuffer : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>A cache line.</summary>
    public const int LineAlignment = 64;

    public NativeBuffer(nuint byteCount, nuint alignment = LineAlignment)
        : base(ownsHandle: true)
    {
        ByteCount = byteCount;
        SetHandle((nint)NativeMemory.AlignedAlloc(Math.Max(byteCount, 1), alignment));
        NativeMemory.Clear(Address, byteCount);
    }

    public byte* Address => (byte*)handle;

    public nuint ByteCount { get; }

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
