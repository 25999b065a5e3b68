using System.Diagnostics.CodeAnalysis;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>
/// A completion queue held for a data path: its native object cannot go away before <see cref="Dispose"/>, so calls go straight to the driver
/// through the context's table. They allocate nothing and take no lock of ours; several threads may poll.
/// Whoever holds the lease must not dispose it while another thread is inside a call.
/// </summary>
public sealed unsafe class CompletionQueueLease : IDisposable
{
    private readonly CompletionQueue _owner;
    private readonly CompletionQueueHandle _handle;
    private readonly delegate* unmanaged<ibv_cq*, int, ibv_wc*, int> _poll;
    private readonly delegate* unmanaged<ibv_cq*, int, int> _requestNotification;
    private ibv_cq* _queue;

    internal CompletionQueueLease(CompletionQueue owner)
    {
        bool isLeased = false;
        _handle = owner.Handle;
        _handle.DangerousAddRef(ref isLeased);
        _owner = owner;
        _queue = _handle.Native;
        _poll = _queue->context->ops.poll_cq;
        _requestNotification = _queue->context->ops.req_notify_cq;
    }

    /// <summary>
    /// Takes the completions that are there, at most as many as fit in <paramref name="completions"/>; returns how many, often 0. Never waits.
    /// </summary>
    /// <exception cref="VerbsException">The queue ran over or its device failed: nothing on it can be trusted any more.</exception>
    public int Poll(Span<WorkCompletion> completions)
    {
        ibv_cq* queue = _queue;
        if (queue == null)
            ThrowDisposed();
        int count;
        fixed (WorkCompletion* first = completions)
            count = _poll(queue, completions.Length, (ibv_wc*)first);
        if (count < 0)
            ThrowPollFailed(count);
        return count;
    }

    /// <summary>
    /// Asks for one event on the channel when the next completion is added, or, with <paramref name="solicitedOnly"/>, the next one of a message
    /// that was sent with <see cref="SendFlags.Solicited"/> or that failed. Poll again after it: completions already there give no event.
    /// </summary>
    public void RequestNotification(bool solicitedOnly = false)
    {
        ibv_cq* queue = _queue;
        if (queue == null)
            ThrowDisposed();
        int error = _requestNotification(queue, solicitedOnly ? 1 : 0);
        if (error != 0)
            throw VerbsException.FromErrno("ibv_req_notify_cq", _owner, error);
    }

    /// <summary>Ends the lease.</summary>
    public void Dispose()
    {
        if (_queue == null)
            return;
        _queue = null;
        _handle.DangerousRelease();
    }

    [DoesNotReturn]
    private void ThrowDisposed() => throw new ObjectDisposedException(_owner.ToString());

    [DoesNotReturn]
    private void ThrowPollFailed(int result) => throw VerbsException.FromErrno("ibv_poll_cq", _owner, -result,
        $"The queue ran over or its device failed: make it at least as large as all requests of its queue pairs together (it has {_owner.Capacity} entries).");
}
