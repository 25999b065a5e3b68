using System.Runtime.CompilerServices;
using RdmaCollectives.Memory;

namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>
/// The sender's side of one FIFO. It writes its lines and slots, which the receiver reads, and reads the released count, which the receiver writes. Message m (from 0) has line
/// and slot m mod slotCount, and may be written once m - released &lt; slotCount: then the receiver has done with message m - slotCount, which was there before.
/// After a message the receiver's doorbell is due (<see cref="Doorbell{TMemory}.Ring"/>): at once, or after some more work, but before this side waits for anything or is done.
/// </summary>
internal unsafe struct SendRing<TMemory>
    where TMemory : struct, IMemory
{
    private readonly ulong* _lines;
    private readonly ulong* _released;
    private readonly uint _slotCount;

    private ulong _next;
    private ulong _releasedSeen;
    private ulong _pulledEnd; // 1 + the last message that lies in a registered buffer

    public SendRing(ulong* lines, ulong* released, int slotCount)
    {
        _lines = lines;
        _released = released;
        _slotCount = (uint)slotCount;
    }

    /// <summary>The slot of the next message.</summary>
    public readonly uint NextSlot => (uint)_next & (_slotCount - 1);

    /// <summary>Whether the next message may be written. The receiver's count is looked at only when the last look does not suffice: its line stays in the receiver's cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool HasCredit() => _next - _releasedSeen < _slotCount || LookAtReleased();

    /// <summary>
    /// The receiver's count as a message of the opposite FIFO brought it, modulo 65,536: its line came anyway, and the count's own is left in the receiver's cache. It was counted before that message was sent, so that this is as good
    /// as reading it (partner: <see cref="Send"/> at the other end, and <see cref="ReceiveRing{TMemory}.HasMessage"/> before this).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Learn(ushort released)
    {
        ulong seen = _releasedSeen + (ushort)(released - (ushort)_releasedSeen);
        if (seen <= _next) // else it is older than what was seen
        {
            _releasedSeen = seen;
        }
    }

    /// <summary>Whether the receiver is done with every message that lies in a registered buffer.</summary>
    public bool IsDrained()
    {
        if (_pulledEnd > _releasedSeen)
        {
            LookAtReleased();
        }

        return _pulledEnd <= _releasedSeen;
    }

    /// <summary>Sends the message whose payload is in <see cref="NextSlot"/>.</summary>
    public void SendSlot(ulong header0, ulong header1)
    {
        ulong* line = NextLine();
        TMemory.Write(line + Line.Place, (ulong)PayloadPlace.Slot);
        TMemory.Publish(); // the payload: written by a kernel that may have used non-temporal stores
        Send(line, header0, header1);
    }

    /// <summary>Sends a message of up to <see cref="Line.InlineBytes"/> bytes inside its line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SendInline(ulong header0, ulong header1, byte* payload, uint byteCount)
    {
        ulong* line = NextLine();
        ulong* to = line + Line.Payload;
        TMemory.Write(line + Line.Place, (ulong)PayloadPlace.Line);
        for (; byteCount >= sizeof(ulong); byteCount -= sizeof(ulong), payload += sizeof(ulong))
        {
            TMemory.Write(to++, Unsafe.ReadUnaligned<ulong>(payload));
        }

        if (byteCount > 0)
        {
            TMemory.Write(to, Tail(payload, byteCount));
        }

        Send(line, header0, header1); // ordinary stores of ours alone: the release orders them
    }

    /// <summary>Sends a message that lies in a registered buffer, which stays unchanged until <see cref="IsDrained"/>.</summary>
    public void SendPulled(ulong header0, ulong header1, in PulledRange range)
    {
        ulong* line = NextLine();
        TMemory.Write(line + Line.Place, (ulong)PayloadPlace.Registration | (ulong)range.Index << Line.IndexShift);
        TMemory.Write(line + Line.Generation, range.Generation);
        TMemory.Write(line + Line.Offset, range.Offset);
        TMemory.Write(line + Line.Descriptor, (ulong)range.Descriptor);
        TMemory.Write(line + Line.Size, (ulong)range.ByteCount);
        TMemory.Publish(); // the payload, as in SendSlot
        _pulledEnd = _next + 1;
        Send(line, header0, header1);
    }

    /// <summary>Sends a message that this side has stored in the receiver's output, behind the offset.</summary>
    public void SendStored(ulong header0, ulong header1, ulong offset)
    {
        ulong* line = NextLine();
        TMemory.Write(line + Line.Place, (ulong)PayloadPlace.Output);
        TMemory.Write(line + Line.Offset, offset);
        TMemory.Publish(); // the payload, as in SendSlot
        Send(line, header0, header1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly ulong* NextLine() => _lines + NextSlot * Line.WordCount;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Send(ulong* line, ulong header0, ulong header1)
    {
        TMemory.Write(line + Line.Header, header0);
        TMemory.Write(line + Line.Header + 1, header1);
        _next++;
        TMemory.WriteRelease(line + Line.Number, _next); // partner: ReceiveRing.HasMessage
    }

    // The last one to seven bytes.
    private static ulong Tail(byte* from, uint byteCount)
    {
        ulong tail = 0;
        while (byteCount > 0)
        {
            tail = (tail << 8) | from[--byteCount];
        }

        return tail;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool LookAtReleased()
    {
        _releasedSeen = TMemory.ReadAcquire(_released); // partner: ReceiveRing.Release
        return _next - _releasedSeen < _slotCount;
    }
}
