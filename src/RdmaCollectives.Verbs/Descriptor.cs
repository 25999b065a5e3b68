using System.Diagnostics;
using System.Runtime.InteropServices;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>The file descriptors by which verbs reports events: made non-blocking once, then waited for with a deadline.</summary>
internal static unsafe class Descriptor
{
    internal static void MakeNonBlocking(int descriptor, object owner)
    {
        int flags = libc.fcntl(descriptor, libc.F_GETFL, 0);
        if (flags < 0 || libc.fcntl(descriptor, libc.F_SETFL, flags | libc.O_NONBLOCK) < 0)
            throw VerbsException.FromErrno("fcntl(O_NONBLOCK)", owner, Marshal.GetLastPInvokeError());
    }

    /// <summary>Waits until <paramref name="descriptor"/> has something to read. False when <paramref name="timeout"/> passed first; negative waits for ever.</summary>
    internal static bool WaitReadable(int descriptor, TimeSpan timeout, object owner)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            double left = timeout < TimeSpan.Zero ? -1 : Math.Max(0, Math.Ceiling((timeout - Stopwatch.GetElapsedTime(start)).TotalMilliseconds));
            pollfd request = new() { fd = descriptor, events = libc.POLLIN };
            int ready = libc.poll(&request, 1, (int)Math.Min(left, int.MaxValue));
            if (ready > 0)
                return true;
            if (ready == 0)
                return false;
            int error = Marshal.GetLastPInvokeError();
            if (error != libc.EINTR)
                throw VerbsException.FromErrno("poll", owner, error);
        }
    }
}
