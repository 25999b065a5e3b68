using RdmaCollectives.Diagnostics;

namespace RdmaCollectives;

public sealed partial class Communicator
{
    /// <summary>The number of this communicator in the line of those that followed each other: 1 for one that a job started with or <see cref="Split"/> made, one or more higher after each <see cref="Shrink"/>.</summary>
    public int Epoch { get; }

    /// <summary>
    /// After a fault: makes a communicator of the ranks that are left, in the order of their ranks here. All that want to go on call it, whatever they were in when the fault came.
    /// </summary>
    /// <param name="timeout">How long to wait for ranks that live and do not call; they are left out. Null: <see cref="CommunicatorOptions.JoinTimeout"/>. Ranks that are known dead are not waited for.</param>
    /// <returns>The new communicator, and the last collective that each of its ranks completed in this one: that is not the same on all.</returns>
    /// <remarks>
    /// <para>The survivors agree: any two of them that return have the same members, also when more ranks die meanwhile, which begins it anew. More than half of the ranks that are not known dead have to take part, or half
    /// with the lowest rank; never do two groups go on. A rank that lives and was left out gets <see cref="Error.Excluded"/>, here or in its next call.</para>
    /// <para>This communicator stays at fault, and its owner disposes it, before or after the new one. The new one has connections, slots and plans of its own, options and deadlines of this one, and is at <see cref="Epoch"/>
    /// of a higher number: nothing that was sent in this one reaches it. Buffers from <see cref="Allocate{T}"/> stay with this one.</para>
    /// <para>Threading: no other call enters this communicator meanwhile. When it returns, nobody can write to memory of calls that the fault ended.</para>
    /// <para>Cost: three rounds of small messages over the control plane between all ranks, and the making of a communicator.</para>
    /// </remarks>
    /// <exception cref="InvalidOperationException">The communicator has no fault (<see cref="Split"/> makes groups of a healthy one), or it was shrunk already.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is not above zero.</exception>
    /// <exception cref="CommunicatorFaultException"><see cref="Error.Excluded"/>: the others went on without this rank. <see cref="Error.NoQuorum"/>: too few ranks are left or can be reached; it may be called again.</exception>
    /// <exception cref="CollectiveException">This rank could not make the new communicator; the others go on without it.</exception>
    public ShrinkResult Shrink(TimeSpan? timeout = null)
    {
        TimeSpan patience = Patience(timeout);
        _engine.Enter();
        try
        {
            ThrowUnlessAtFault();
            return ShrinkInside(patience, CancellationToken.None);
        }
        finally
        {
            _engine.Exit();
        }
    }

    /// <summary>Begins a shrink and returns.</summary>
    /// <param name="timeout">How long to wait for ranks that live and do not call. Null: <see cref="CommunicatorOptions.JoinTimeout"/>.</param>
    /// <param name="cancellationToken">Ends it on this rank while the survivors have not agreed; it may be called again, and the others may have gone on without it.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <inheritdoc cref="Shrink"/>
    public Task<ShrinkResult> ShrinkAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        TimeSpan patience = Patience(timeout);
        cancellationToken.ThrowIfCancellationRequested();
        _engine.Enter();
        try
        {
            ThrowUnlessAtFault();
            return OnThreadOfItsOwn(() => ShrinkInside(patience, cancellationToken));
        }
        finally
        {
            _engine.Exit();
        }
    }

    private ShrinkResult ShrinkInside(TimeSpan patience, CancellationToken cancellationToken)
    {
        Task.WaitAny(_lastSplit); // the fault ends it
        _engine.Fence();
        ShrinkResult result = CommunicatorFactory.Shrink(_origin, _control, _succession, _engine.Completed, patience, cancellationToken);
        Volatile.Write(ref _isSucceeded, true);
        return result;
    }

    // It blocks on sockets and maps memory. Until it is over nothing that it uses is freed.
    private Task<T> OnThreadOfItsOwn<T>(Func<T> body)
    {
        _engine.Hold();
        return Task.Factory.StartNew(
            () =>
            {
                try
                {
                    return body();
                }
                finally
                {
                    _engine.LetGo();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach | TaskCreationOptions.RunContinuationsAsynchronously,
            TaskScheduler.Default);
    }

    private TimeSpan Patience(TimeSpan? timeout)
    {
        TimeSpan patience = timeout ?? _origin.Options.JoinTimeout;
        return patience > TimeSpan.Zero
            ? patience
            : throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "The time to wait for ranks that do not call is above zero; leave it out for RDMACC_JOIN_TIMEOUT.");
    }

    private void ThrowUnlessAtFault()
    {
        if (!_control.Faults.IsSet)
        {
            throw new InvalidOperationException("The communicator has no fault: Shrink is for what a fault leaves. Use Split to make a communicator of some ranks of a healthy one.");
        }

        ThrowIfSucceeded();
    }

    private void ThrowIfSucceeded()
    {
        if (Volatile.Read(ref _isSucceeded))
        {
            throw new InvalidOperationException($"This communicator was succeeded by another one already (epoch {Epoch} and up): go on with that one, and dispose this one.");
        }
    }
}
