using System.Runtime.InteropServices;
using RdmaCollectives.Transports.Interop;

namespace RdmaCollectives.Transports;

/// <summary>An eventfd: any thread of the process makes it readable, the sleeper polls it and clears it.</summary>
internal sealed unsafe class WakeDescriptor : IDisposable
{
    private readonly Lock _gate = new();
    private int _descriptor;

    public WakeDescriptor()
    {
        _descriptor = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        if (_descriptor < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            throw new CollectiveException(Error.Resource, $"eventfd failed (errno {errno}, {Marshal.GetPInvokeErrorMessage(errno)}): raise the limit of open files (ulimit -n).", nativeError: errno);
        }
    }

    public int Descriptor => _descriptor;

    /// <summary>Makes the descriptor readable. After <see cref="Dispose"/> it does nothing, so a late fault cannot write into a descriptor number that was given to someone else.</summary>
    public void Signal()
    {
        lock (_gate)
        {
            if (_descriptor >= 0)
            {
                ulong one = 1;
                Libc.write(_descriptor, &one, sizeof(ulong)); // fails only when the counter is full, and then it is readable
            }
        }
    }

    /// <summary>Makes it unreadable again. Only the sleeper calls it.</summary>
    public void Clear()
    {
        ulong count;
        Libc.read(_descriptor, &count, sizeof(ulong)); // EAGAIN when it was not set
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_descriptor >= 0)
            {
                Libc.close(_descriptor);
                _descriptor = -1;
            }
        }
    }
}
