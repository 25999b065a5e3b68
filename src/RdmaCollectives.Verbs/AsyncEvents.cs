using System.Runtime.InteropServices;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>The asynchronous events of a device. Each is acknowledged as it is taken, so that no object waits for it when it is disposed. One thread at a time.</summary>
public sealed unsafe class AsyncEvents
{
    private readonly DeviceContext _context;

    internal AsyncEvents(DeviceContext context)
    {
        _context = context;
        FileDescriptor = context.Handle.Native->async_fd;
        Descriptor.MakeNonBlocking(FileDescriptor, context);
    }

    /// <summary>Readable when there are events: for poll(2) and epoll(7) together with others. It is non-blocking, and closed with the device.</summary>
    public int FileDescriptor { get; }

    /// <summary>Takes one event, if there is one. Never waits.</summary>
    public bool TryTake(out AsyncEvent asyncEvent)
    {
        ibv_async_event native;
        if (libibverbs.ibv_get_async_event(_context.Handle, &native) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            asyncEvent = default;
            if (error is libc.EAGAIN or libc.EINTR)
                return false;
            throw VerbsException.FromErrno("ibv_get_async_event", _context, error);
        }
        // The object that the event names cannot be destroyed before the acknowledgement.
        asyncEvent = Translate(native);
        libibverbs.ibv_ack_async_event(&native);
        return true;
    }

    /// <summary>Waits until there is an event. False when <paramref name="timeout"/> passed first; a negative one waits for ever.</summary>
    public bool Wait(TimeSpan timeout)
    {
        _ = _context.Handle; // throws when the device was given up
        return Descriptor.WaitReadable(FileDescriptor, timeout, _context);
    }

    private static AsyncEvent Translate(in ibv_async_event native)
    {
        AsyncEventType type = (AsyncEventType)native.event_type;
        return type switch
        {
            AsyncEventType.CompletionQueueError => new AsyncEvent(type, null, native.element.cq->handle, null),
            AsyncEventType.QueuePairFatal or AsyncEventType.QueuePairRequestError or AsyncEventType.QueuePairAccessError or AsyncEventType.CommunicationEstablished
                or AsyncEventType.SendQueueDrained or AsyncEventType.PathMigrated or AsyncEventType.PathMigrationError or AsyncEventType.LastReceiveReached
                => new AsyncEvent(type, native.element.qp->qp_num, null, null),
            AsyncEventType.PortActive or AsyncEventType.PortError or AsyncEventType.LocalIdentifierChanged or AsyncEventType.PartitionKeysChanged
                or AsyncEventType.SubnetManagerChanged or AsyncEventType.ClientReregister or AsyncEventType.GidsChanged
                => new AsyncEvent(type, null, null, native.element.port_num),
            // What the element of an event that this version does not know points to, it cannot know either.
            _ => new AsyncEvent(type, null, null, null),
        };
    }
}
