using System.Runtime.InteropServices;
using RdmaCollectives.Memory.Interop;

namespace RdmaCollectives.Memory;

/// <summary>
/// Takes a range away from other processes that have it mapped and might still write there: the same bytes at the same address, in pages that nobody else has. What others write from then on lands in pages that nobody reads.
/// </summary>
internal static unsafe class PrivatePages
{
    /// <summary>
    /// Replaces the pages of a range, whole pages at both ends. Between the copy and the change of pages a write by another thread of this process to the same pages is lost: only for a range that a call in its end
    /// holds. Returns 0, or the errno of what the system refused; the range is then as it was.
    /// </summary>
    public static int Replace(byte* address, nuint byteCount)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        nuint first = (nuint)address & ~(page - 1);
        nuint length = (((nuint)address + byteCount + page - 1) & ~(page - 1)) - first;
        nint copy = Libc.mmap(0, length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS, -1, 0);
        if (copy == -1)
        {
            return Marshal.GetLastPInvokeError();
        }

        NativeMemory.Copy((void*)first, (void*)copy, length);
        if (Libc.mremap(copy, length, length, Libc.MREMAP_MAYMOVE | Libc.MREMAP_FIXED, (nint)first) != -1)
        {
            return 0;
        }

        int error = Marshal.GetLastPInvokeError();
        Libc.munmap(copy, length);
        return error;
    }
}
