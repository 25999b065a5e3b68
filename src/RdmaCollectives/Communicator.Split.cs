namespace RdmaCollectives;

public sealed partial class Communicator
{
    /// <summary>The color of a rank that takes part in a <see cref="Split"/> and joins no group.</summary>
    public const int NoColor = -1;

    private Task _lastSplit = Task.CompletedTask; // the one that was begun last; touched by whoever is inside the engine

    /// <summary>
    /// Makes communicators of groups of ranks: those that give the same <paramref name="color"/> come together, ordered by <paramref name="key"/>, then by their rank here. All ranks of this communicator
    /// call it, in the same place among its calls.
    /// </summary>
    /// <param name="color">The group, 0 or more, or <see cref="NoColor"/>.</param>
    /// <param name="key">The place in the group, any number; with equal keys the order of ranks stays.</param>
    /// <returns>The communicator of this rank's group, which may be this rank alone; null for <see cref="NoColor"/>. It can be split again.</returns>
    /// <remarks>
    /// <para>The new communicator has connections, slots and plans of its own, and options and deadlines of this one. It is disposed apart, before or after this one; what all share is the control
    /// connection of the process, which ends with the last of them. A buffer from <see cref="Allocate{T}"/> is known to the communicator that it came from; in another one it is ordinary memory.</para>
    /// <para>Faults: from its return on, the new communicator and this one fail apart. An abort, a deadline, a mismatch or a cancelled token is a fault of the communicator that it happened in, a dead process one
    /// of every communicator that it is a member of. Until then they fail together: what ends this communicator, or one rank of the group, in the middle of a split ends the split.</para>
    /// <para>Threading: no other call enters this communicator meanwhile; asynchronous calls that were queued before run on beside it. Synchronous calls on several communicators with ranks in
    /// common come in one order on all of these ranks, or they wait for each other; asynchronous ones in any.</para>
    /// <para>Cost: four gatherings over the control plane and as many connections as <see cref="Create"/> makes; for set-up, not for a loop.</para>
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The color is negative and not <see cref="NoColor"/>; this rank has not made the call.</exception>
    /// <exception cref="CommunicatorFaultException">A fault came first, or not all ranks called it within <see cref="CommunicatorOptions.JoinTimeout"/>, which is a fault of this communicator.</exception>
    /// <exception cref="CollectiveException">The new communicator could not be made; this one goes on.</exception>
    public Communicator? Split(int color, int key)
    {
        ThrowIfNoSuchColor(color);
        _engine.Enter();
        try
        {
            Task.WaitAny(_lastSplit);
            return _split(color, key);
        }
        finally
        {
            _engine.Exit();
        }
    }

    /// <summary>Begins a split and returns; calls of this communicator may be queued behind it, other splits included.</summary>
    /// <param name="color">The group, 0 or more, or <see cref="NoColor"/>.</param>
    /// <param name="key">The place in the group, any number; with equal keys the order of ranks stays.</param>
    /// <param name="cancellationToken">Looked at first: then this rank has not made the call. Cancelling later is a fault of this communicator on all ranks.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <inheritdoc cref="Split"/>
    public Task<Communicator?> SplitAsync(int color, int key, CancellationToken cancellationToken = default)
    {
        ThrowIfNoSuchColor(color);
        cancellationToken.ThrowIfCancellationRequested();
        _engine.Enter();
        try
        {
            // It blocks on sockets and maps memory: a thread of its own, which also waits for its turn.
            Task earlier = _lastSplit;
            Task<Communicator?> split = Task.Factory.StartNew(
                () => SplitInTurn(earlier, color, key, cancellationToken),
                CancellationToken.None,
                TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach | TaskCreationOptions.RunContinuationsAsynchronously,
                TaskScheduler.Default);
            _engine.Hold();
            _lastSplit = split;
            return split;
        }
        finally
        {
            _engine.Exit();
        }
    }

    private Communicator? SplitInTurn(Task earlier, int color, int key, CancellationToken cancellationToken)
    {
        Communicator? part = null;
        bool isCanceled = false;
        try
        {
            Task.WaitAny(earlier);
            using (cancellationToken.UnsafeRegister(_ => Cancel(), null))
            {
                part = _split(color, key);
            }
        }
        catch (CollectiveException) when (Volatile.Read(ref isCanceled))
        {
            // It came of the cancelling.
        }
        finally
        {
            _engine.LetGo();
        }

        if (Volatile.Read(ref isCanceled))
        {
            part?.Dispose();
            throw new OperationCanceledException("A split was cancelled; the communicator is at fault on all ranks.", cancellationToken);
        }

        return part;

        void Cancel()
        {
            Volatile.Write(ref isCanceled, true);
            _engine.Abort(Error.Canceled, $"Rank {Rank} cancelled a split. Cancelling what has begun ends the communicator on all ranks.");
        }
    }

    private static void ThrowIfNoSuchColor(int color)
    {
        if (color < NoColor)
        {
            throw new ArgumentOutOfRangeException(nameof(color), color, "A color is 0 or more, or Communicator.NoColor (-1) for a rank that joins no group.");
        }
    }
}
