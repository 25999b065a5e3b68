using System.Diagnostics;
using System.Runtime.InteropServices;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs.ConnectionManagement;

/// <summary>The event channel of one listener or connection. Each has its own, so that nobody takes another's event.</summary>
internal sealed unsafe class EventChannel : IDisposable
{
    internal EventChannel()
    {
        ConnectionManager.ThrowIfNotSupported();
        Handle = new EventChannelHandle();
        Handle.Adopt(librdmacm.rdma_create_event_channel(), "rdma_create_event_channel", "/dev/infiniband/rdma_cm",
            error => error is libc.ENOENT or libc.ENODEV ? "Load the kernel module (modprobe rdma_ucm); in a container, pass /dev/infiniband/rdma_cm with --device." : null);
        FileDescriptor = Handle.Native->fd;
        Descriptor.MakeNonBlocking(FileDescriptor, this);
    }

    internal EventChannelHandle Handle { get; }

    internal int FileDescriptor { get; }

    /// <summary>Takes an event if there is one.</summary>
    internal ConnectionEvent? TryTake()
    {
        rdma_cm_event* native;
        if (librdmacm.rdma_get_cm_event(Handle, &native) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            return error is libc.EAGAIN or libc.EINTR ? null : throw VerbsException.FromErrno("rdma_get_cm_event", this, error);
        }
        ConnectionEvent copy = new(native);
        // Frees the native event; destroying a connection waits for this.
        NativeResult.ThrowIfMinusOne(librdmacm.rdma_ack_cm_event(native), "rdma_ack_cm_event", this);
        return copy;
    }

    /// <summary>Waits for an event; null when <paramref name="timeout"/> passed first.</summary>
    internal ConnectionEvent? Take(TimeSpan timeout)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (TryTake() is { } taken)
                return taken;
            TimeSpan left = timeout < TimeSpan.Zero ? timeout : timeout - Stopwatch.GetElapsedTime(start);
            if (timeout >= TimeSpan.Zero && left <= TimeSpan.Zero)
                return null;
            if (!Descriptor.WaitReadable(FileDescriptor, left, this))
                return null;
        }
    }

    /// <summary>Waits for <paramref name="expected"/> and throws for anything else.</summary>
    internal ConnectionEvent Expect(ConnectionEventType expected, TimeSpan timeout, string operation, object target)
    {
        ConnectionEvent taken = Take(timeout) ?? throw VerbsException.FromErrno(operation, target, libc.ETIMEDOUT,
            $"There was no answer within {timeout.TotalSeconds:0.###} s: check that the peer runs and can be reached.");
        taken.ThrowUnless(expected, operation, target.ToString()!);
        return taken;
    }

    public void Dispose() => Handle.Dispose();

    public override string ToString() => "the event channel of librdmacm";
}
