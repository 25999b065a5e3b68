using System.Runtime.InteropServices;
using static RdmaCollectives.Verbs.Interop.libc;

namespace RdmaCollectives.Verbs;

/// <summary>Error numbers of the C library in words.</summary>
internal static class Errno
{
    /// <summary>For instance <c>Cannot allocate memory (ENOMEM, errno 12)</c>; a number without a known name prints as a number.</summary>
    internal static string Describe(int error) =>
        Name(error) is { } name ? $"{Marshal.GetPInvokeErrorMessage(error)} ({name}, errno {error})" : $"{Marshal.GetPInvokeErrorMessage(error)} (errno {error})";

    /// <summary>What an error number means when nothing more is known about the call; null where that would be guessing.</summary>
    internal static string? Remedy(int error) => error switch
    {
        EACCES or EPERM => "Check that this user may open /dev/infiniband/uverbs* (often: group rdma), and in a container that they were passed with --device.",
        EMFILE => "This process has too many open files: raise ulimit -n.",
        ENODEV or EIO => "The device is gone or failed: see dmesg and `rdma link`.",
        ENOSYS or EOPNOTSUPP or EPROTONOSUPPORT => "The driver of this device does not offer it.",
        _ => null,
    };

    internal static string? Name(int error) => error switch
    {
        EPERM => nameof(EPERM),
        ENOENT => nameof(ENOENT),
        EINTR => nameof(EINTR),
        EIO => nameof(EIO),
        EAGAIN => nameof(EAGAIN),
        ENOMEM => nameof(ENOMEM),
        EACCES => nameof(EACCES),
        EFAULT => nameof(EFAULT),
        EBUSY => nameof(EBUSY),
        ENODEV => nameof(ENODEV),
        EINVAL => nameof(EINVAL),
        EMFILE => nameof(EMFILE),
        ENOSPC => nameof(ENOSPC),
        ENOSYS => nameof(ENOSYS),
        ENODATA => nameof(ENODATA),
        EPROTONOSUPPORT => nameof(EPROTONOSUPPORT),
        EOPNOTSUPP => nameof(EOPNOTSUPP),
        EADDRINUSE => nameof(EADDRINUSE),
        EADDRNOTAVAIL => nameof(EADDRNOTAVAIL),
        ENETUNREACH => nameof(ENETUNREACH),
        ECONNRESET => nameof(ECONNRESET),
        ENOTCONN => nameof(ENOTCONN),
        ETIMEDOUT => nameof(ETIMEDOUT),
        ECONNREFUSED => nameof(ECONNREFUSED),
        EHOSTUNREACH => nameof(EHOSTUNREACH),
        _ => null,
    };
}
