using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using RdmaCollectives.Tool.Launching.Interop;

namespace RdmaCollectives.Tool.Launching;

/// <summary>Turns signals to this process into something that poll(2) can wait for: a byte in a pipe. While it exists they do not end the process.</summary>
/// <remarks>
/// Not SIGCHLD: the ends of children are polled for. .NET hands a signal to the thread pool, and the last child's comes when this process is about to end: starting a thread of the pool at that moment
/// .NET 10.0.12 waited for it for ever, once in some 1,700 jobs.
/// </remarks>
internal sealed unsafe class SignalInbox : IDisposable
{
    private readonly ConcurrentQueue<int> _signals = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly int _writeEnd;

    public SignalInbox()
    {
        int* pipe = stackalloc int[2];
        if (Libc.pipe2(pipe, Libc.O_CLOEXEC | Libc.O_NONBLOCK) != 0)
        {
            throw new ToolException(ExitCode.Failed, $"A pipe can't be made: {Marshal.GetLastPInvokeErrorMessage()}. Is the limit of open files too low (ulimit -n)?");
        }

        (ReadEnd, _writeEnd) = (pipe[0], pipe[1]);
        _registrations =
        [
            Take(PosixSignal.SIGINT, Libc.SIGINT),
            Take(PosixSignal.SIGTERM, Libc.SIGTERM),
            Take(PosixSignal.SIGHUP, Libc.SIGHUP),
        ];
    }

    /// <summary>Readable when a signal has come.</summary>
    public int ReadEnd { get; }

    public bool TryTake(out int signal) => _signals.TryDequeue(out signal);

    /// <summary>Empties the pipe, before the looking: what comes after is seen the next time.</summary>
    public void Clear()
    {
        byte* bytes = stackalloc byte[64];
        while (Libc.read(ReadEnd, bytes, 64) > 0)
        {
        }
    }

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _ = Libc.close(ReadEnd);
        _ = Libc.close(_writeEnd);
    }

    private PosixSignalRegistration Take(PosixSignal signal, int number) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        _signals.Enqueue(number);
        Wake();
    });

    private void Wake()
    {
        byte one = 1;
        _ = Libc.write(_writeEnd, &one, 1); // a full pipe wakes as well
    }
}
