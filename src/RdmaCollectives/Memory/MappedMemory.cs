using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RdmaCollectives.Memory.Interop;

namespace RdmaCollectives.Memory;

/// <summary>A shared mapping of a file; unmapped when disposed. The descriptor may be closed before.</summary>
internal sealed unsafe class MappedMemory : SafeHandleMinusOneIsInvalid
{
    private readonly nuint _byteCount;

    private MappedMemory(nint address, nuint byteCount)
        : base(ownsHandle: true)
    {
        SetHandle(address);
        _byteCount = byteCount;
    }

    public byte* Address => (byte*)handle;

    /// <exception cref="CollectiveException">The system refused.</exception>
    public static MappedMemory Map(SafeFileHandle file, long byteCount, bool writable)
    {
        int protection = writable ? Libc.PROT_READ | Libc.PROT_WRITE : Libc.PROT_READ;
        nint address = Libc.mmap(0, (nuint)byteCount, protection, Libc.MAP_SHARED, (int)file.DangerousGetHandle(), 0);
        int error = Marshal.GetLastPInvokeError();
        if (address == -1)
        {
            throw new CollectiveException(
                Error.Resource,
                $"{byteCount} bytes of shared memory can't be mapped: {Marshal.GetPInvokeErrorMessage(error)}. Check the limits on address space (ulimit -v) and on mappings (vm.max_map_count).",
                nativeError: error);
        }

        return new MappedMemory(address, (nuint)byteCount);
    }

    protected override bool ReleaseHandle() => Libc.munmap(handle, _byteCount) == 0;
}
