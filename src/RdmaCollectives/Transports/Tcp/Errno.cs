using System.Runtime.InteropServices;

namespace RdmaCollectives.Transports.Tcp;

/// <summary><c>errno.h</c>: the numbers that the TCP transport tells apart (equal on x86-64 and arm64), and what they mean for a connection.</summary>
internal static class Errno
{
    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int EPIPE = 32;
    public const int ENETDOWN = 100;
    public const int ENETUNREACH = 101;
    public const int ENETRESET = 102;
    public const int ECONNABORTED = 103;
    public const int ECONNRESET = 104;
    public const int ETIMEDOUT = 110;
    public const int EHOSTUNREACH = 113;

    /// <summary>The errno of the call before, made with SetLastError.</summary>
    public static int Last => Marshal.GetLastPInvokeError();

    /// <summary>Whether the other end, or the way to it, is gone; otherwise this host refused.</summary>
    public static bool MeansConnectionEnded(int errno) =>
        errno is EPIPE or ENETDOWN or ENETUNREACH or ENETRESET or ECONNABORTED or ECONNRESET or ETIMEDOUT or EHOSTUNREACH;

    /// <summary>The system's own words, with the number.</summary>
    public static string Describe(int errno) => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";
}
