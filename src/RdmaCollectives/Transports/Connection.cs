using System.Runtime.CompilerServices;

namespace RdmaCollectives.Transports;

/// <summary>
/// One FIFO of messages to, and one from, one peer on one channel. Messages have at most <see cref="SlotBytes"/> of payload; at most
/// <see cref="SlotCount"/> are between the two ends. No method blocks, allocates or throws for a fault: a connection that can't move says so by returning
/// nothing, and its transport says why in <see cref="Transport.Failure"/>. One thread at a time (the holder of the communicator's progress token).
/// </summary>
internal abstract unsafe class Connection
{
    protected Connection(int peer, int channel, int slotBytes, int slotCount)
    {
        Peer = peer;
        Channel = channel;
        SlotBytes = slotBytes;
        SlotCount = slotCount;
    }

    public int Peer { get; }

    public int Channel { get; }

    /// <summary>The place of a message that belongs nowhere in the peer's output.</summary>
    public const ulong Nowhere = ulong.MaxValue;

    /// <summary>The largest payload of one message.</summary>
    public int SlotBytes { get; }

    /// <summary>How many messages a FIFO holds.</summary>
    public int SlotCount { get; }

    /// <summary>Messages sent so far, modulo 2^32; counted by the executor, for the question whether something is under way.</summary>
    public uint SentCount;

    /// <summary>Messages received so far, likewise.</summary>
    public uint ReceivedCount;

    // ---- Sending ----

    /// <summary>Where the payload of the next message goes: <see cref="SlotBytes"/> bytes, 64-byte aligned, valid until <see cref="Send(in MessageHeader)"/>; null while there is no credit.</summary>
    public abstract byte* TryGetSendSlot();

    /// <summary>Sends the message whose payload (<c>header.ByteCount</c> bytes) was written to the slot of the last <see cref="TryGetSendSlot"/>, which was not null. Fences the payload (Publish) itself.</summary>
    public abstract void Send(in MessageHeader header);

    /// <summary>Sends a copy of <paramref name="source"/>, which is free when this returns. False while there is no credit. For short messages: the transport may have a shorter way than a slot for them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public virtual bool TrySendCopy(in MessageHeader header, byte* source)
    {
        byte* slot = TryGetSendSlot();
        if (slot is null)
        {
            return false;
        }

        Unsafe.CopyBlockUnaligned(slot, source, header.ByteCount);
        Send(header);
        return true;
    }

    /// <summary>
    /// The same for a message that belongs <paramref name="peersOffset"/> bytes behind the beginning of the peer's output, or <see cref="Nowhere"/>: it may go there at once where the peer has opened it for this call
    /// (<see cref="OpenOutput"/>), by a transport that moves bytes itself. Where this rank's processor moves them, <see cref="TryGetPeersOutput"/> says where to.
    /// </summary>
    public virtual void Send(in MessageHeader header, ulong peersOffset) => Send(header);

    /// <summary>Whether <see cref="TrySendFrom(in MessageHeader, byte*, MemoryRegistration?)"/> can read memory of this kind where it lies. <paramref name="registration"/> is null for memory that nobody registered (pinned for the call).</summary>
    public virtual bool CanSendFrom(MemoryRegistration? registration) => false;

    /// <summary>
    /// Sends straight from <paramref name="source"/>, which must stay unchanged until <see cref="IsDrained"/>. False while there is no credit.
    /// Only where <see cref="CanSendFrom"/> said yes for <paramref name="registration"/>.
    /// </summary>
    public virtual bool TrySendFrom(in MessageHeader header, byte* source, MemoryRegistration? registration) =>
        throw new InvalidOperationException("This connection sends from slots only.");

    /// <summary>The same for a message that belongs in the peer's output, as <see cref="Send(in MessageHeader, ulong)"/>.</summary>
    public virtual bool TrySendFrom(in MessageHeader header, byte* source, MemoryRegistration? registration, ulong peersOffset) => TrySendFrom(header, source, registration);

    /// <summary>Whether a rank lets its peer store in its output over this connection at all (<see cref="OpenOutput"/>): then a plan looks for messages that can be stored there.</summary>
    public virtual bool HasWindows => false;

    /// <summary>The connection to the same peer whose window this one's messages need: its own channel's, or that of channel 0, which then serves all channels.</summary>
    public virtual int WindowChannel => 0;

    /// <summary>
    /// Where a message of a call may be stored in the peer's output, <paramref name="offset"/> bytes behind its beginning: the place in this process, to be filled and announced by <see cref="SendStored"/> before anything else is
    /// done with this connection. Null where the peer has not opened its output for this call, or not so far: then the message goes as any other. Only while there is credit.
    /// </summary>
    public virtual byte* TryGetPeersOutput(in MessageHeader header, ulong offset) => null;

    /// <summary>Announces what was stored at the place that <see cref="TryGetPeersOutput"/> gave for the same arguments. Fences the payload (Publish) itself.</summary>
    public virtual void SendStored(in MessageHeader header, ulong offset) => throw new InvalidOperationException("This connection stores nothing in the peer's output.");

    /// <summary>In place of <see cref="SendStored"/>, where what was stored will not be announced.</summary>
    public virtual void AbandonStored()
    {
    }

    /// <summary>
    /// Nobody reads this rank's memory for a message of this connection any more, and what was sent is out of this rank's hands (accepted by the NIC or the kernel, or in
    /// a slot that the peer can pull). The return rule waits for it.
    /// </summary>
    public abstract bool IsDrained { get; }

    // ---- Receiving ----

    /// <summary>
    /// Lets the peer store results in this rank's output for the call whose messages say what <paramref name="call"/> says, over all connections between the two that have this one's <see cref="WindowChannel"/>. The plan has made sure that nothing else is done with that memory
    /// between a peer's storing and the message that tells of it (<see cref="Schedules.ScheduleTraits.OpenOutput"/>).
    /// </summary>
    public virtual void OpenOutput(in MessageHeader call, byte* output, ulong byteCount, MemoryRegistration registration)
    {
    }

    /// <summary>
    /// The oldest message that has arrived whole, where it lies; it stays until <see cref="Release"/>. False when there is none. May be called again for the same message. Without a place (null) it lies where it belongs in
    /// this rank's output, which only the plan knows.
    /// </summary>
    public abstract bool TryReceive(out MessageHeader header, out byte* payload);

    /// <summary>Gives back the slot of the message that <see cref="TryReceive"/> showed. Look at <see cref="IsTorn"/> before using what was read.</summary>
    public abstract void Release();

    /// <summary>
    /// The message that was released last may have changed while it was read, because its owner has fenced (and may by now have filled its memory anew): nothing made of it may be kept or
    /// sent on. The transport has failed then. Only where messages are read in a peer's memory.
    /// </summary>
    public bool IsTorn { get; private protected set; }

    /// <summary>
    /// Receives the next message, which must match <paramref name="expected"/>, into <paramref name="destination"/>. A transport that can read straight into it overrides this;
    /// between a <see cref="ReceiveStatus.NotYet"/> and the end of the message the arguments stay the same.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public virtual ReceiveStatus TryReceiveInto(in MessageHeader expected, byte* destination, MemoryRegistration? registration)
    {
        if (!TryReceive(out MessageHeader header, out byte* payload))
        {
            return ReceiveStatus.NotYet;
        }

        if (!header.Matches(expected))
        {
            return ReceiveStatus.Mismatch;
        }

        if (payload is not null && payload != destination) // else the peer has stored it there
        {
            Buffer.MemoryCopy(payload, destination, header.ByteCount, header.ByteCount);
        }

        Release();
        return IsTorn ? ReceiveStatus.NotYet : ReceiveStatus.Done;
    }
}
