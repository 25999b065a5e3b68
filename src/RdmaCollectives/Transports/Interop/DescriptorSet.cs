using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RdmaCollectives.Transports.Interop;

/// <summary>A descriptor that is readable while one of several is.</summary>
internal sealed unsafe class DescriptorSet : IDisposable
{
    private readonly SafeFileHandle _epoll;

    /// <exception cref="Win32Exception">The system refused.</exception>
    public DescriptorSet(ReadOnlySpan<int> descriptors)
    {
        Descriptor = SysEpoll.epoll_create1(SysEpoll.EPOLL_CLOEXEC);
        if (Descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        _epoll = new SafeFileHandle(Descriptor, ownsHandle: true);
        byte* interest = stackalloc byte[SysEpoll.EventBytes];
        new Span<byte>(interest, SysEpoll.EventBytes).Clear();
        *(uint*)interest = SysEpoll.EPOLLIN;
        foreach (int descriptor in descriptors)
        {
            if (SysEpoll.epoll_ctl(Descriptor, SysEpoll.EPOLL_CTL_ADD, descriptor, interest) != 0)
            {
                int error = Marshal.GetLastPInvokeError();
                _epoll.Dispose();
                throw new Win32Exception(error);
            }
        }
    }

    public int Descriptor { get; }

    public void Dispose() => _epoll.Dispose();
}
