using System.Runtime.InteropServices;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>
/// Wakes a thread when a completion queue has something. The protocol, per queue: request a notification, poll once more until the queue is empty,
/// then wait; when the channel is readable take its events, request again, poll. A completion that comes between the last poll and the wait is not missed.
/// </summary>
public sealed unsafe class CompletionChannel : IDisposable
{
    private readonly CompletionChannelHandle _handle;

    internal CompletionChannel(DeviceContext context)
    {
        Context = context;
        _handle = new CompletionChannelHandle(context.Handle);
        Handle.Adopt(libibverbs.ibv_create_comp_channel(context.Handle), "ibv_create_comp_channel", context);
        FileDescriptor = Handle.Native->fd;
        Descriptor.MakeNonBlocking(FileDescriptor, this);
    }

    /// <summary>The device.</summary>
    public DeviceContext Context { get; }

    /// <summary>Readable when there are events: for poll(2) and epoll(7) together with others. It is non-blocking, and closed with the channel.</summary>
    public int FileDescriptor { get; }

    internal CompletionChannelHandle Handle => _handle.IsDisposed ? throw new ObjectDisposedException(ToString()) : _handle;

    /// <summary>Takes one event, if there is one, and acknowledges it. Allocates nothing.</summary>
    /// <param name="completionQueue">The <see cref="CompletionQueue.Id"/> of the queue that has completions.</param>
    public bool TryTakeEvent(out uint completionQueue)
    {
        ibv_cq* queue;
        void* ignored;
        if (libibverbs.ibv_get_cq_event(Handle, &queue, &ignored) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            completionQueue = 0;
            if (error is libc.EAGAIN or libc.EINTR)
                return false;
            throw VerbsException.FromErrno("ibv_get_cq_event", this, error);
        }
        // The queue cannot be destroyed before its events are acknowledged, so it is read first. The mutex of the acknowledgement is small beside the read above.
        completionQueue = queue->handle;
        libibverbs.ibv_ack_cq_events(queue, 1);
        return true;
    }

    /// <summary>Waits until there is an event. False when <paramref name="timeout"/> passed first; a negative one waits for ever.</summary>
    public bool Wait(TimeSpan timeout)
    {
        ObjectDisposedException.ThrowIf(_handle.IsDisposed, this);
        return Descriptor.WaitReadable(FileDescriptor, timeout, this);
    }

    /// <summary>Gives it up; the native channel is destroyed with the last completion queue that uses it.</summary>
    public void Dispose() => _handle.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"completion channel of {Context}";
}
