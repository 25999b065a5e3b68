using System.Runtime.InteropServices;

namespace RdmaCollectives.Diagnostics.Interop;

/// <summary>From <c>signal.h</c>.</summary>
internal static unsafe partial class Libc
{
    public const int SIGQUIT = 3;
    public const nint SIG_DFL = 0;
    public const nint SIG_IGN = 1;

    /// <summary>The handler is the first word of a <c>struct sigaction</c>, which is smaller than this on all 64-bit Linux.</summary>
    public const int sizeof_sigaction_at_most = 256;

    [LibraryImport("libc")]
    public static partial nint signal(int signum, nint handler);

    [LibraryImport("libc")]
    public static partial int sigaction(int signum, void* act, void* oldact);
}
