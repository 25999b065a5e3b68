using System.Runtime.CompilerServices;
using RdmaCollectives.Memory;

namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>
/// The registered buffers of one peer that this rank has mapped: writable where the peer has left them open to that (<see cref="OutputWindow{TMemory}"/>), else read-only. Mapped when a message names them for the first time; unmapped when the peer's table says that they are gone.
/// A buffer with a message in flight is never gone: its owner waits for that (<see cref="UseCount"/>).
/// </summary>
internal sealed unsafe class PeerMappings(RankSegment peer) : IDisposable
{
    private readonly Mapping[] _mappings = new Mapping[RankSegment.TableLength];
    private ulong _changesSeen;

    /// <summary>Mappings at present.</summary>
    public int Count { get; private set; }

    /// <summary>Where the range lies in this process. Null, with the reason, when it can't be mapped or does not exist.</summary>
    /// <param name="processId">The peer's process.</param>
    /// <param name="range">As the line says.</param>
    /// <param name="byteCount">The payload.</param>
    /// <param name="failure">The reason.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Resolve(int processId, in PulledRange range, uint byteCount, out CollectiveException? failure)
    {
        failure = null;
        if ((uint)range.Index < RankSegment.TableLength)
        {
            ref readonly Mapping mapping = ref _mappings[range.Index];
            if (mapping.Address != null && mapping.Generation == range.Generation && range.Offset <= (ulong)mapping.ByteCount && byteCount <= (ulong)mapping.ByteCount - range.Offset)
            {
                return mapping.Address + range.Offset;
            }
        }

        return MapAndResolve(processId, range, byteCount, ref failure);
    }

    /// <summary>Where a place in which the peer lets this rank store lies in this process; null where it cannot be mapped for writing.</summary>
    public nint? ResolveWritable(int processId, in PulledRange place)
    {
        byte* address = Resolve(processId, place, 0, out _);
        return address is not null && _mappings[place.Index].Segment!.IsWritable ? (nint)address : null;
    }

    /// <summary>Unmaps what the peer has disposed. One look at a word while there is nothing to do.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Sweep()
    {
        if (Count > 0 && Volatile.Read(ref peer.ChangeCount) != _changesSeen)
        {
            SweepAll();
        }
    }

    public void Dispose()
    {
        for (int i = 0; i < _mappings.Length; i++)
        {
            Unmap(i);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* MapAndResolve(int processId, in PulledRange range, uint byteCount, ref CollectiveException? failure)
    {
        bool exists = (uint)range.Index < RankSegment.TableLength && range.Generation != 0 && range.ByteCount > 0;
        if (!exists || range.Offset > (ulong)range.ByteCount || byteCount > (ulong)range.ByteCount - range.Offset || _mappings[range.Index].Generation == range.Generation)
        {
            failure = new CollectiveException(Error.Protocol, $"A message names {byteCount} bytes at offset {range.Offset} of a registration of {range.ByteCount} bytes with index {range.Index}: no such range.");
            return null;
        }

        try
        {
            Unmap(range.Index); // an older buffer that had the place
            SharedSegment segment = SharedSegment.OpenAsSealed(new SegmentAddress(SegmentKind.Memfd, processId, range.Descriptor, range.ByteCount, null));
            _mappings[range.Index] = new Mapping(segment, range.Generation, segment.Address, range.ByteCount);
            Count++;
            return segment.Address + range.Offset;
        }
        catch (CollectiveException e)
        {
            failure = e;
            return null;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void SweepAll()
    {
        // The count is read before the table: what changes in between is seen next time.
        _changesSeen = Volatile.Read(ref peer.ChangeCount);
        Span<ulong> generations = peer.Generations;
        for (int i = 0; i < _mappings.Length; i++)
        {
            if (_mappings[i].Generation != Volatile.Read(ref generations[i]))
            {
                Unmap(i);
            }
        }
    }

    private void Unmap(int index)
    {
        if (_mappings[index].Segment is { } segment)
        {
            _mappings[index] = default;
            segment.Dispose();
            Count--;
        }
    }

    private readonly struct Mapping(SharedSegment segment, ulong generation, byte* address, long byteCount)
    {
        public readonly SharedSegment? Segment = segment;
        public readonly ulong Generation = generation;
        public readonly byte* Address = address;
        public readonly long ByteCount = byteCount;
    }
}
