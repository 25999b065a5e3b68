using System.Runtime.CompilerServices;
using RdmaCollectives.Memory;

namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>
/// How a rank lets a peer store results in its output for the length of one call, and how it is sure that the peer does so no more after a fence:
/// <code>
/// owner                                       peer
///   Open:  place, then the call               TryEnter: storing = 1
///                                                        full barrier            (partners)
///   fence: fence word = 1                                fence word = 0?  the call is this one?
///          full barrier     (partners)                     stores
///          waits while storing                Leave:     storing = 0
/// </code>
/// Of the two full barriers one comes second: either the peer sees the fence and does not store, or the owner sees that it stores, and waits; and if the wait is long (the peer stands still), it puts other pages under its
/// output (<see cref="PrivatePages"/>). A window is never closed: it names its call, which the owner does not leave before every message of it has come, and with the call's last message the peer is done.
/// </summary>
/// <param name="line">Eight words of the owner: the call, then the place.</param>
/// <param name="storing">A word of the peer.</param>
/// <param name="fence">A word of the owner.</param>
internal readonly unsafe struct OutputWindow<TMemory>(ulong* line, ulong* storing, ulong* fence)
    where TMemory : struct, IMemory
{
    private const int Call = 0;
    private const int Index = 1;
    private const int Generation = 2;
    private const int Offset = 3;
    private const int Descriptor = 4;
    private const int Size = 5;
    private const int Length = 6;

    private readonly ulong* _line = line;
    private readonly ulong* _storing = storing;
    private readonly ulong* _fence = fence;

    // ---- Owner ----

    /// <summary>The peer may store in <paramref name="byteCount"/> bytes from the place on, in the one call. No other call is running between the two.</summary>
    public void Open(ulong call, in PulledRange place, ulong byteCount)
    {
        TMemory.Write(_line + Index, (ulong)place.Index);
        TMemory.Write(_line + Generation, place.Generation);
        TMemory.Write(_line + Offset, place.Offset);
        TMemory.Write(_line + Descriptor, (ulong)place.Descriptor);
        TMemory.Write(_line + Size, (ulong)place.ByteCount);
        TMemory.Write(_line + Length, byteCount);
        TMemory.WriteRelease(_line + Call, call); // partner: IsOpen
    }

    /// <summary>Whether the peer is in the middle of storing; after the fence word and a full barrier, no more is no more for good.</summary>
    public bool IsPeerStoring() => TMemory.ReadAcquire(_storing) != 0; // partner: Leave

    // ---- Peer ----

    /// <summary>Whether the owner lets this peer store in the call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsOpen(ulong call) => TMemory.ReadAcquire(_line + Call) == call; // partner: Open

    /// <summary>Where, and how much; while it is open.</summary>
    public PulledRange Place(out ulong byteCount)
    {
        byteCount = TMemory.Read(_line + Length);
        return new PulledRange((int)TMemory.Read(_line + Index), TMemory.Read(_line + Generation), TMemory.Read(_line + Offset), (int)TMemory.Read(_line + Descriptor), (long)TMemory.Read(_line + Size));
    }

    /// <summary>Before each time of storing. False: the owner has fenced, nothing may be stored.</summary>
    public bool TryEnter()
    {
        TMemory.Write(_storing, 1);
        TMemory.FullBarrier(); // partner: the owner's, between its fence word and its look at the word above
        if (TMemory.Read(_fence) == 0)
        {
            return true;
        }

        TMemory.WriteRelease(_storing, 0);
        return false;
    }

    /// <summary>After it: what was stored is seen by whoever sees that.</summary>
    public void Leave()
    {
        TMemory.Publish(); // it may have been stored non-temporally
        TMemory.WriteRelease(_storing, 0); // partner: IsPeerStoring
    }
}
