using System.Runtime.InteropServices;

namespace RdmaCollectives.Transports.Interop;

/// <summary><c>sys/epoll.h</c>.</summary>
internal static unsafe partial class SysEpoll
{
    public const int EPOLL_CLOEXEC = 0x80000;
    public const int EPOLL_CTL_ADD = 1;
    public const uint EPOLLIN = 0x1;
    public const uint EPOLLOUT = 0x4;
    public const uint EPOLLET = 1u << 31;

    /// <summary>Room for one <c>struct epoll_event</c> on every architecture: 12 bytes where it is packed (x86-64), else 16. <c>events</c> is its first word everywhere; <c>data</c> is not used.</summary>
    public const int EventBytes = 16;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_ctl(int epfd, int op, int fd, byte* epollEvent);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_wait(int epfd, byte* events, int maxevents, int timeout);
}
