namespace RdmaCollectives.Transports;

/// <summary>
/// One way for the ranks of one communicator to exchange messages, and the maker of its <see cref="Connection"/>s. Set-up methods (describe, judge, connect, register) may block
/// up to a deadline and throw; run-time methods (<see cref="Progress"/>, sleeping) never do either. Made and used under the communicator's progress token, one thread at a time,
/// except <see cref="Fence"/>.
/// </summary>
internal abstract class Transport : IDisposable
{
    protected Transport(TransportContext context) => Context = context;

    public TransportContext Context { get; }

    /// <summary><c>shm</c>, <c>tcp</c>, <c>verbs</c> or <c>loopback</c>: as users and options say it.</summary>
    public abstract string Name { get; }

    /// <summary>One line for people: what was chosen and why (device, GID, interface).</summary>
    public abstract string Description { get; }

    // ---- Set-up. Called on every rank in the same order, between gatherings over the control plane. ----

    /// <summary>What the other ranks must know to judge whether they reach this one: addresses, host identity. At most 4 KiB.</summary>
    public abstract byte[] Describe();

    /// <summary>Whether this rank can reach <paramref name="peer"/>, by what it said of itself; probes where that is cheap. Null when it can, else the reason in words.</summary>
    public abstract string? WhyNotReachable(int peer, ReadOnlySpan<byte> description);

    /// <summary>Whether peers may store results in registered buffers of this rank that lie in shared memory (<see cref="Connection.OpenOutput"/>).</summary>
    public virtual bool HasWindows => false;

    /// <summary>
    /// First half of connecting: makes this end of connections 0..<paramref name="channelCount"/>-1 to <paramref name="peer"/>. The result carries what the peer needs for its <see cref="PendingConnection.Complete"/>.
    /// The slot sizes are <see cref="TransportContext.SlotBytes"/> and <see cref="TransportContext.SlotCount"/>.
    /// </summary>
    public abstract PendingConnection BeginConnect(int peer, int channelCount);

    /// <summary>Prepares memory that this process allocated or registered for use by this transport; the result is kept in <see cref="MemoryRegistration.Keys"/> and disposed with it. Null when the transport needs nothing.</summary>
    public virtual IDisposable? Register(MemoryRegistration registration) => null;

    // ---- Run time ----

    /// <summary>The first failure of this transport or one of its connections, or null. Set once.</summary>
    public TransportFailure? Failure { get; private protected set; }

    /// <summary>Moves what can be moved without blocking for all connections: flushes queued bytes, polls the completion queue, returns credits. Cheap when there is nothing to do.</summary>
    public abstract void Progress();

    /// <summary>After each pass over the connections: does what <see cref="Settle"/> does as far as it costs next to nothing.</summary>
    public virtual void Glance()
    {
    }

    /// <summary>Before anybody gives up the processor while it waits, and before a call returns: does what need not be done for each message, such as making sure that no peer sleeps over one.</summary>
    public virtual void Settle()
    {
    }

    /// <summary>A descriptor that becomes readable when something for this rank arrives between <see cref="PrepareSleep"/> and <see cref="EndSleep"/>; -1 where there is none.</summary>
    public abstract int SleepDescriptor { get; }

    /// <summary>Arms the notification. The caller polls its connections once more afterwards, then sleeps, then calls <see cref="EndSleep"/>. False: this transport can't wake a sleeper now; don't sleep longer than 100 us.</summary>
    public abstract bool PrepareSleep();

    /// <summary>Disarms the notification.</summary>
    public abstract void EndSleep();

    /// <summary>
    /// After a fault: returns only when nobody can write to the caller's memory through this transport any more and nobody is read from it. Bounded (at most 500 ms), needs no
    /// cooperation of a peer, may be called from any thread, any number of times; afterwards every connection is dead.
    /// </summary>
    public abstract void Fence();

    /// <summary>Before this rank says goodbye: waits, within a bound, until what returned calls have handed over needs this process no more. Not after <see cref="Fence"/>.</summary>
    public virtual void Linger()
    {
    }

    /// <inheritdoc/>
    public abstract void Dispose();
}
