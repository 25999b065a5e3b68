using RdmaCollectives.Diagnostics;

namespace RdmaCollectives;

public sealed partial class Communicator
{
    /// <summary>
    /// Takes in processes that have joined the job after its start (<see cref="CommunicatorOptions.Newcomer"/>) and wait. All ranks of a communicator without fault call it, in the same place among their calls.
    /// </summary>
    /// <param name="atLeast">How many to wait for; 0 to take those that are there. The same on all ranks.</param>
    /// <param name="timeout">How long to wait for them. Null: <see cref="CommunicatorOptions.JoinTimeout"/>.</param>
    /// <returns>A new communicator: the ranks of this one with the numbers that they have, and the newcomers behind them. Null where <paramref name="atLeast"/> is 0 and nobody waits.</returns>
    /// <remarks>
    /// <para>A newcomer gets the same communicator from <see cref="Create"/>. It knows nothing of what was computed before: broadcast it. <see cref="Epoch"/> is one higher than here.</para>
    /// <para>This communicator stays usable and its owner disposes it; it can be neither grown nor shrunk again, since the new one has followed it.</para>
    /// <para>Faults: a death, of a member or of a newcomer, while it grows is a fault of this communicator, and all ranks throw. <see cref="Shrink"/> then makes a communicator of those that live, newcomers that had
    /// been taken in already included.</para>
    /// <para>Threading: no other call enters this communicator meanwhile; asynchronous calls that were queued before run on beside it.</para>
    /// <para>Cost: one gathering over the control plane where nobody waits; else some more, and the making of a communicator.</para>
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="atLeast"/> is negative, or the timeout not above zero.</exception>
    /// <exception cref="InvalidOperationException">It was grown or shrunk already.</exception>
    /// <exception cref="RendezvousException">Fewer newcomers than <paramref name="atLeast"/> came in time; the communicator goes on as it is.</exception>
    /// <exception cref="CommunicatorFaultException">There is a fault.</exception>
    public Communicator? Grow(int atLeast = 0, TimeSpan? timeout = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(atLeast);
        TimeSpan patience = Patience(timeout);
        _engine.Enter();
        try
        {
            ThrowUnlessHealthy();
            return GrowInside(atLeast, patience, CancellationToken.None);
        }
        finally
        {
            _engine.Exit();
        }
    }

    /// <summary>Begins to grow and returns.</summary>
    /// <param name="atLeast">How many newcomers to wait for; 0 to take those that are there. The same on all ranks.</param>
    /// <param name="timeout">How long to wait for them. Null: <see cref="CommunicatorOptions.JoinTimeout"/>.</param>
    /// <param name="cancellationToken">Looked at first. Cancelling later is a fault of this communicator on all ranks.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <inheritdoc cref="Grow"/>
    public Task<Communicator?> GrowAsync(int atLeast = 0, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(atLeast);
        TimeSpan patience = Patience(timeout);
        cancellationToken.ThrowIfCancellationRequested();
        _engine.Enter();
        try
        {
            ThrowUnlessHealthy();
            return OnThreadOfItsOwn(() =>
            {
                using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(_ => _engine.Abort(Error.Canceled, $"Rank {Rank} cancelled a Grow. Cancelling what has begun ends the communicator on all ranks."), null);
                try
                {
                    return GrowInside(atLeast, patience, cancellationToken);
                }
                catch (CollectiveException ended) when (cancellationToken.IsCancellationRequested)
                {
                    throw new OperationCanceledException("A Grow was cancelled; the communicator is at fault on all ranks.", ended, cancellationToken);
                }
            });
        }
        finally
        {
            _engine.Exit();
        }
    }

    private Communicator? GrowInside(int atLeast, TimeSpan patience, CancellationToken cancellationToken)
    {
        Task.WaitAny(_lastSplit); // its gatherings come first, on all ranks
        Communicator? grown = CommunicatorFactory.Grow(_origin, _control, _succession, _engine.Completed, atLeast, patience, cancellationToken);
        if (grown is not null)
        {
            Volatile.Write(ref _isSucceeded, true);
        }

        return grown;
    }

    private void ThrowUnlessHealthy()
    {
        ThrowIfSucceeded();
        if (_control.Faults.Current is { } fault)
        {
            throw new CommunicatorFaultException(fault, operation: null, sequence: 0);
        }
    }
}
