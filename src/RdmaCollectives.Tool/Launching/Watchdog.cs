using System.Globalization;
using RdmaCollectives.Tool.Launching.Interop;

namespace RdmaCollectives.Tool.Launching;

/// <summary>
/// Ends the ranks when the launcher is killed so hard that it can't do it itself: a shell that reads from a pipe which only the launcher holds open. The end of the pipe is the end of the launcher.
/// </summary>
internal sealed unsafe class Watchdog : IDisposable
{
    private readonly ChildProcess? _shell;
    private readonly int _pipe = -1;

    public Watchdog(IEnumerable<ChildProcess> ranks)
    {
        int* pipe = stackalloc int[2];
        if (Libc.pipe2(pipe, Libc.O_CLOEXEC) != 0)
        {
            return; // out of descriptors: the job runs, with this safety less
        }

        string groups = string.Join(' ', ranks.Select(rank => (-rank.Id).ToString(CultureInfo.InvariantCulture)));
        try
        {
            _shell = ChildProcess.Start(
                ["/bin/sh", "-c", $"read -r _; kill -s KILL -- {groups}"], new Dictionary<string, string?>(StringComparer.Ordinal), pipe[0], ChildProcess.Nothing, ChildProcess.Nothing);
            _pipe = pipe[1];
        }
        catch (ToolException)
        {
            _ = Libc.close(pipe[1]); // no shell on this host
        }
        finally
        {
            _ = Libc.close(pipe[0]);
        }
    }

    /// <summary>Ended before the pipe is closed: it must not act on numbers that are about to be free.</summary>
    public void Dispose()
    {
        _shell?.Signal(Libc.SIGKILL);
        _shell?.Reap();
        if (_pipe >= 0)
        {
            _ = Libc.close(_pipe);
        }
    }
}
