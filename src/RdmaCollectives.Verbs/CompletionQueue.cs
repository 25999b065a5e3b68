using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>Where work requests of one or more queue pairs report their end; they are polled through a <see cref="Lease"/>.</summary>
public sealed unsafe class CompletionQueue : IDisposable
{
    private readonly CompletionQueueHandle _handle;

    internal CompletionQueue(DeviceContext context, int capacity, CompletionChannel? channel, int vector)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(vector);
        Context = context;
        _handle = new CompletionQueueHandle(context.Handle, channel?.Handle);
        ibv_cq* queue = libibverbs.ibv_create_cq(context.Handle, capacity, null, channel is null ? null : channel.Handle.Native, vector);
        Handle.Adopt(queue, "ibv_create_cq", context, error => error == libc.EINVAL
            ? $"Asked for {capacity} entries on vector {vector}; the device has at most {context.QueryDevice().MaxCompletionsPerQueue} entries and {context.CompletionVectorCount} vectors."
            : null);
        Id = queue->handle;
        Capacity = queue->cqe;
    }

    /// <summary>The device.</summary>
    public DeviceContext Context { get; }

    /// <summary>Its number on the device, by which <see cref="CompletionChannel.TryTakeEvent"/> and <see cref="AsyncEvent"/> name it.</summary>
    public uint Id { get; }

    /// <summary>The number of completions that it can hold; at least what was asked for. A queue that runs over is broken, and its queue pairs with it.</summary>
    public int Capacity { get; }

    internal CompletionQueueHandle Handle => _handle.IsDisposed ? throw new ObjectDisposedException(ToString()) : _handle;

    /// <summary>Holds the queue for a data path: references are counted once here, not at every poll.</summary>
    public CompletionQueueLease Lease() => new(this);

    /// <summary>Gives it up; the native queue is destroyed with the last queue pair that uses it.</summary>
    public void Dispose() => _handle.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"completion queue {Id} of {Context}";
}
