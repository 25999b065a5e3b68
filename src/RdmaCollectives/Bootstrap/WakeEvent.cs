using System.Runtime.InteropServices;
using RdmaCollectives.Bootstrap.Interop;

namespace RdmaCollectives.Bootstrap;

/// <summary>Wakes a thread that sleeps in poll(2): an eventfd that others set and the sleeper clears.</summary>
internal sealed unsafe class WakeEvent : IDisposable
{
    private readonly Lock _gate = new();
    private int _descriptor;

    public WakeEvent()
    {
        _descriptor = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        if (_descriptor < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            throw new CollectiveException(Error.Resource, $"eventfd failed: {Marshal.GetPInvokeErrorMessage(errno)}. Raise the limit of open files: ulimit -n.", nativeError: errno);
        }
    }

    public int Descriptor => _descriptor;

    /// <summary>From any thread. After <see cref="Dispose"/> it does nothing: the number of the descriptor may have been given to someone else.</summary>
    public void Set()
    {
        ulong one = 1;
        lock (_gate)
        {
            // Fails only when the counter is full, and then the sleeper is woken anyway.
            _ = _descriptor >= 0 ? Libc.write(_descriptor, &one, sizeof(ulong)) : 0;
        }
    }

    public void Clear()
    {
        ulong count;
        _ = Libc.read(_descriptor, &count, sizeof(ulong)); // EAGAIN: nobody set it
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_descriptor >= 0)
            {
                _ = Libc.close(_descriptor);
                _descriptor = -1;
            }
        }
    }
}
