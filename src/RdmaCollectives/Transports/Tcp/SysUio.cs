using System.Runtime.InteropServices;

#pragma warning disable CS8981 // C's names

namespace RdmaCollectives.Transports.Tcp;

/// <summary><c>sys/uio.h</c>.</summary>
internal static unsafe partial class SysUio
{
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint readv(int fd, iovec* iov, int iovcnt);

    [StructLayout(LayoutKind.Sequential)]
    public struct iovec
    {
        public void* iov_base;
        public nuint iov_len;
    }
}
