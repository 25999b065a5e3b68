using System.Runtime.InteropServices;
using RdmaCollectives.Bootstrap.Interop;

namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>
/// A descriptor of another process of this host (pidfd_open(2)) that becomes readable when it has ended: also while a child that it forked holds its sockets open, and never for another process that got its number.
/// </summary>
internal sealed class ProcessWatch : IDisposable
{
    private int _descriptor;

    private ProcessWatch(int descriptor) => _descriptor = descriptor;

    /// <summary>To poll for reading; -1 once disposed.</summary>
    public int Descriptor => _descriptor;

    /// <summary>
    /// Null where it can't be watched from here: another host or namespace, this very process, an old kernel. <paramref name="hasEnded"/>: it can, and has ended already.
    /// </summary>
    public static ProcessWatch? TryOpen(MemberIdentity who, ProcessOrigin own, out bool hasEnded)
    {
        hasEnded = false;
        if (!own.SharesProcessNumbersWith(who.Origin) || who.Who.ProcessId == Environment.ProcessId)
        {
            return null;
        }

        nint descriptor = Libc.syscall(Libc.SYS_pidfd_open, who.Who.ProcessId, 0);
        if (descriptor < 0)
        {
            hasEnded = Marshal.GetLastPInvokeError() == Libc.ESRCH;
            return null;
        }

        // After the descriptor was opened, so that the number can't change hands in between.
        var watch = new ProcessWatch((int)descriptor);
        ulong? started = ProcessOrigin.StartTimeOf(who.Who.ProcessId);
        if (started == who.Origin.StartTime)
        {
            return watch;
        }

        hasEnded = started is not null; // the number is another process' now; without /proc nothing is known
        watch.Dispose();
        return null;
    }

    public void Dispose()
    {
        if (_descriptor >= 0)
        {
            _ = Libc.close(_descriptor);
            _descriptor = -1;
        }
    }
}
