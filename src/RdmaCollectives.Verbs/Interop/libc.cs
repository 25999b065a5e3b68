using System.Runtime.InteropServices;

namespace RdmaCollectives.Verbs.Interop;

/// <summary>The few calls of the C library that verbs needs: waiting on file descriptors and the locked-memory limit.</summary>
internal static unsafe partial class libc
{
    internal const string Library = "libc.so.6";

    internal const int F_GETFL = 3;
    internal const int F_SETFL = 4;
    internal const int O_NONBLOCK = 0x800;
    internal const int POLLIN = 1;
    internal const int RLIMIT_MEMLOCK = 8;
    internal const int IF_NAMESIZE = 16;
    internal const ulong RLIM_INFINITY = ulong.MaxValue;

    internal const int EPERM = 1;
    internal const int ENOENT = 2;
    internal const int EINTR = 4;
    internal const int EIO = 5;
    internal const int EAGAIN = 11;
    internal const int ENOMEM = 12;
    internal const int EACCES = 13;
    internal const int EFAULT = 14;
    internal const int EBUSY = 16;
    internal const int ENODEV = 19;
    internal const int EINVAL = 22;
    internal const int EMFILE = 24;
    internal const int ENOSPC = 28;
    internal const int ENOSYS = 38;
    internal const int ENODATA = 61;
    internal const int EPROTONOSUPPORT = 93;
    internal const int EOPNOTSUPP = 95;
    internal const int EADDRINUSE = 98;
    internal const int EADDRNOTAVAIL = 99;
    internal const int ENETUNREACH = 101;
    internal const int ECONNRESET = 104;
    internal const int ENOTCONN = 107;
    internal const int ETIMEDOUT = 110;
    internal const int ECONNREFUSED = 111;
    internal const int EHOSTUNREACH = 113;

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fcntl(int fd, int cmd, int arg);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int poll(pollfd* fds, ulong nfds, int timeout);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial byte* if_indextoname(uint ifindex, byte* ifname);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int getrlimit(int resource, rlimit* rlim);
}

internal struct pollfd
{
    public int fd;
    public short events;
    public short revents;
}

internal struct rlimit
{
    public ulong rlim_cur;
    public ulong rlim_max;
}
