namespace RdmaCollectives;

public sealed unsafe partial class Communicator
{
    /// <summary>Waits until all ranks are here: no rank returns before every rank has entered.</summary>
    /// <param name="options">What is special about this call.</param>
    /// <remarks>Cost: log2(n) hops of empty messages.</remarks>
    /// <exception cref="CollectiveMismatchException">Another rank made a different call.</exception>
    /// <exception cref="CommunicatorFaultException">A rank died, a deadline passed, or the communicator is at fault already.</exception>
    /// <exception cref="InvalidOperationException">Another thread is inside a call, or a reducer called.</exception>
    public void Barrier(in OperationOptions options = default) => _engine.Run(_calls.Barrier(options));

    /// <summary>Queues a barrier and returns.</summary>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">Looked at before the call is queued: then nothing is sent. Cancelling later is a fault of the communicator on all ranks; there is no cancelling of one operation.</param>
    /// <returns>Done when the result is there. Await it once. It never completes on a thread of this library; the hop costs some microseconds, so for latency use the synchronous form.</returns>
    /// <inheritdoc cref="Barrier"/>
    public ValueTask BarrierAsync(in OperationOptions options = default, CancellationToken cancellationToken = default) =>
        Queue(_calls.Barrier(options), ReadOnlyMemory<byte>.Empty, Memory<byte>.Empty, cancellationToken);
}
