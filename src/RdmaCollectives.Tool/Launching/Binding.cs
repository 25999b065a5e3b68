using System.Runtime.InteropServices;
using RdmaCollectives.Tool.Launching.Interop;

namespace RdmaCollectives.Tool.Launching;

/// <summary>
/// Starts ranks bound to processors: a child inherits the processors of the thread that starts it, so that thread takes them for as long as that lasts. What a rank starts inherits them in turn.
/// </summary>
internal sealed unsafe class Binding
{
    private readonly BindMode _mode;
    private readonly int _ranks;
    private readonly int[] _allowed;

    /// <exception cref="ToolException">There are fewer processors than ranks.</exception>
    public Binding(BindMode mode, int ranks)
        : this(mode, ranks, mode == BindMode.None ? [] : Current())
    {
    }

    /// <param name="mode">What each rank gets.</param>
    /// <param name="ranks">How many there are.</param>
    /// <param name="allowed">The processors that there are, by number.</param>
    /// <exception cref="ToolException">There are fewer processors than ranks.</exception>
    public Binding(BindMode mode, int ranks, int[] allowed)
    {
        if (mode != BindMode.None && ranks > allowed.Length)
        {
            throw ToolException.BadArguments(
                $"--bind needs a processor for each rank: {ranks} ranks, and {allowed.Length} {(allowed.Length == 1 ? "processor" : "processors")} that the launcher may use. Leave it out, or start {allowed.Length} ranks at most");
        }

        (_mode, _ranks, _allowed) = (mode, ranks, allowed);
    }

    /// <summary>The processors of a rank. One that is started in place of another has a number of its own, and gets processors that some rank has had.</summary>
    public int[] Of(int rank)
    {
        int place = rank % _ranks;
        return _mode switch
        {
            BindMode.Core => [_allowed[place]],
            BindMode.Share => _allowed[(place * _allowed.Length / _ranks)..((place + 1) * _allowed.Length / _ranks)],
            _ => _allowed,
        };
    }

    /// <summary>Does something with the processors of a rank.</summary>
    public void During(int rank, Action start)
    {
        if (_mode == BindMode.None)
        {
            start();
            return;
        }

        Set(Of(rank));
        try
        {
            start();
        }
        finally
        {
            Set(_allowed);
        }
    }

    private static int[] Current()
    {
        ulong* mask = stackalloc ulong[Libc.CPU_SETSIZE / 64];
        return Libc.sched_getaffinity(0, Libc.CPU_SETSIZE / 8, mask) < 0
            ? throw new ToolException(ExitCode.NotSupported, $"--bind: the processors of this process can't be asked for: {Error()}.")
            : [.. Enumerable.Range(0, Libc.CPU_SETSIZE).Where(processor => Has(mask, processor))];
    }

    private static void Set(int[] processors)
    {
        ulong* mask = stackalloc ulong[Libc.CPU_SETSIZE / 64];
        new Span<ulong>(mask, Libc.CPU_SETSIZE / 64).Clear();
        foreach (int processor in processors)
        {
            mask[processor / 64] |= 1ul << (processor % 64);
        }

        if (Libc.sched_setaffinity(0, Libc.CPU_SETSIZE / 8, mask) != 0)
        {
            throw new ToolException(ExitCode.NotSupported, $"--bind: processor {string.Join(", ", processors)} can't be taken: {Error()}.");
        }
    }

    private static bool Has(ulong* mask, int processor) => (mask[processor / 64] >> (processor % 64) & 1) != 0;

    private static string Error() => Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
}
