using System.Runtime.InteropServices;
using static RdmaCollectives.Bootstrap.Interop.Libc;
using static RdmaCollectives.Memory.Interop.Libc;

namespace RdmaCollectives.Execution.Interop;

/// <summary>What waiting needs beside the calls of the layers below, under its C name.</summary>
internal static unsafe partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    public static partial int ppoll(pollfd* fds, nuint nfds, timespec* timeout, void* sigmask);
}
