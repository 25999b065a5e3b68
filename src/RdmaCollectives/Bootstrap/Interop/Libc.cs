using System.Runtime.InteropServices;

#pragma warning disable CS8981 // C's names are lower case

namespace RdmaCollectives.Bootstrap.Interop;

/// <summary>poll(2), eventfd(2), pidfd_open(2) and the calls around them, under their C names.</summary>
internal static partial class Libc
{
    public const short POLLIN = 0x001;
    public const short POLLOUT = 0x004;
    public const int EFD_CLOEXEC = 0x80000;
    public const int EFD_NONBLOCK = 0x800;
    public const int EINTR = 4;
    public const int ESRCH = 3;

    public const int AF_UNIX = 1;
    public const int SOCK_STREAM = 1;
    public const int SOCK_CLOEXEC = 0x80000;

    public const int SOL_SOCKET = 1;
    public const int SO_PEERCRED = 17;
    public const int IPPROTO_TCP = 6;
    public const int TCP_USER_TIMEOUT = 18;

    /// <summary>The same number on all architectures (since Linux 5.3).</summary>
    public const nint SYS_pidfd_open = 434;

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial int poll(pollfd* fds, nuint nfds, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int eventfd(uint initval, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial nint read(int fd, void* buf, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial nint write(int fd, void* buf, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial int socketpair(int domain, int type, int protocol, int* sv);

    [LibraryImport("libc")]
    public static partial uint geteuid();

    /// <summary>pidfd_open(2) through syscall(2): older C libraries have no function for it.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint syscall(nint number, nint pid, nint flags);

    [StructLayout(LayoutKind.Sequential)]
    public struct pollfd
    {
        public int fd;
        public short events;
        public short revents;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ucred
    {
        public int pid;
        public uint uid;
        public uint gid;
    }
}
