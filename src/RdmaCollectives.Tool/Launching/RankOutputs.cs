using RdmaCollectives.Tool.Launching.Interop;

namespace RdmaCollectives.Tool.Launching;

/// <summary>The pipes through which the ranks' lines come, and the sleep over them.</summary>
internal sealed unsafe class RankOutputs : IDisposable
{
    private readonly List<LineForwarder> _outputs = [];

    public bool AreOpen => _outputs.Exists(output => output.IsOpen);

    /// <summary>A pipe whose lines are passed on to <paramref name="target"/> (1 or 2). Returns the end for the rank, which the caller closes.</summary>
    /// <exception cref="ToolException">There are no descriptors left.</exception>
    public int Forward(int target, string prefix)
    {
        int* pipe = stackalloc int[2];
        if (Libc.pipe2(pipe, Libc.O_CLOEXEC) != 0)
        {
            throw new ToolException(ExitCode.Failed, $"No descriptors are left after {_outputs.Count} pipes; each rank needs two: raise the limit (ulimit -n) or start fewer ranks.");
        }

        _outputs.Add(new LineForwarder(pipe[0], target, prefix));
        return pipe[1];
    }

    /// <summary>Until a rank has written, one of <paramref name="others"/> is readable or the time is over; passes on what came.</summary>
    /// <exception cref="OutputClosedException">Nobody reads our output any more.</exception>
    public void Sleep(IEnumerable<int> others, int milliseconds)
    {
        // poll(2) passes over -1
        Libc.pollfd[] polled = [.. _outputs.Select(output => output.Source).Concat(others).Select(descriptor => new Libc.pollfd { fd = descriptor, events = Libc.POLLIN })];
        fixed (Libc.pollfd* first = polled)
        {
            if (Libc.poll(first, (nuint)polled.Length, milliseconds) <= 0)
            {
                return;
            }
        }

        for (int i = 0; i < _outputs.Count; i++)
        {
            if (polled[i].revents != 0)
            {
                _outputs[i].Pump();
            }
        }
    }

    public void Dispose() => _outputs.ForEach(output => output.Abandon());
}
