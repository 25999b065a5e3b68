using System.Runtime.InteropServices;

namespace RdmaCollectives.Execution.Interop;

/// <summary>What waiting needs, under its C names.</summary>
internal static unsafe partial class Libc
{
    public const short POLLIN = 1;

    [StructLayout(LayoutKind.Sequential)]
    public struct pollfd
    {
        public int fd;
        public short events;
        public short revents;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct timespec
    {
        public long tv_sec;
        public long tv_nsec;
    }

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ppoll(pollfd* fds, nuint count, timespec* timeout, void* signalMask);
}
