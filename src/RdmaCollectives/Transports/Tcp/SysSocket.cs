using System.Runtime.InteropServices;

#pragma warning disable CS8981 // C's names

namespace RdmaCollectives.Transports.Tcp;

/// <summary><c>sys/socket.h</c>, as far as the data path needs it; sockets are made and connected with <see cref="System.Net.Sockets.Socket"/>.</summary>
internal static unsafe partial class SysSocket
{
    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_NOSIGNAL = 0x4000;
    public const int SHUT_RDWR = 2;

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recv(int sockfd, void* buf, nuint len, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sendmsg(int sockfd, msghdr* msg, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int shutdown(int sockfd, int how);

    /// <summary>The layout of 64-bit Linux, glibc and musl (musl splits the two lengths in 32 bits and padding: the same on little-endian machines).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct msghdr
    {
        public void* msg_name;
        public uint msg_namelen;
        public SysUio.iovec* msg_iov;
        public nuint msg_iovlen;
        public void* msg_control;
        public nuint msg_controllen;
        public int msg_flags;
    }
}
