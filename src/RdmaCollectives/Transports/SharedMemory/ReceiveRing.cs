using System.Runtime.CompilerServices;
using RdmaCollectives.Memory;

namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>The receiver's side of one FIFO (<see cref="SendRing{TMemory}"/>): it reads the sender's lines, and writes its released count in memory of its own.</summary>
internal unsafe struct ReceiveRing<TMemory>
    where TMemory : struct, IMemory
{
    private readonly ulong* _lines;
    private readonly ulong* _released;
    private readonly uint _slotCount;

    private ulong _next;

    public ReceiveRing(ulong* lines, ulong* released, int slotCount)
    {
        _lines = lines;
        _released = released;
        _slotCount = (uint)slotCount;
    }

    /// <summary>Messages given back, modulo 65,536: what the messages of the opposite FIFO tell the sender (<see cref="SendRing{TMemory}.Learn"/>).</summary>
    public readonly ushort Released => (ushort)_next;

    /// <summary>The slot of the oldest message.</summary>
    public readonly uint NextSlot => (uint)_next & (_slotCount - 1);

    /// <summary>The line of the oldest message.</summary>
    public readonly ulong* NextLine => _lines + NextSlot * Line.WordCount;

    /// <summary>Whether the oldest message is there: its line and its payload can be read until <see cref="Release"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool HasMessage() => TMemory.ReadAcquire(NextLine + Line.Number) == _next + 1; // partner: SendRing.Send

    /// <summary>Gives the line and the payload back to the sender, whose doorbell is due then: it may sleep for want of a credit, or until its buffer is free.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Release()
    {
        _next++;
        TMemory.WriteRelease(_released, _next); // partner: SendRing.LookAtReleased; what was read before stays before
    }
}
