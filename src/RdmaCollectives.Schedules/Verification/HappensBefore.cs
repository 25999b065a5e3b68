using System.Diagnostics.CodeAnalysis;

namespace RdmaCollectives.Schedules.Verification;

/// <summary>
/// Vector clocks, one per lane (Mattern 1989): what a lane can know of the steps of the other ranks. With them a hazard is found in one run for all runs: a store is safe only if the step that took
/// the last message out of the chunk comes before it by program order and messages. Room given back in a FIFO does not count as knowledge: a transport with more credits
/// than the least would not give it. Clocks have an entry per rank, as lanes of different channels never meet.
/// </summary>
internal sealed class HappensBefore
{
    private readonly int _channels;
    private readonly int _chunks;
    private readonly int _rowLength;
    private readonly int[][] _clocks;
    private readonly List<Reading>?[] _readings; // by rank, then by place in its row: the output, then the planes of scratch
    private readonly int[] _uses; // likewise: the owner's own last use

    public HappensBefore(BufferLayout layout)
    {
        int ranks = layout.Shape.Ranks;
        int channels = layout.Shape.Channels;
        _channels = channels;
        _chunks = layout.Chunks;
        _rowLength = layout.Chunks * (1 + layout.ScratchPlanes);
        _readings = new List<Reading>?[ranks * _rowLength];
        _uses = new int[ranks * _rowLength];
        _clocks = new int[ranks * channels][];
        for (int lane = 0; lane < _clocks.Length; lane++)
        {
            _clocks[lane] = new int[ranks];
        }
    }

    /// <summary>A step of the lane begins; with <paramref name="received"/>, it knows what the sender knew.</summary>
    public void Advance(int lane, int[]? received)
    {
        int[] clock = _clocks[lane];
        for (int rank = 0; received is not null && rank < clock.Length; rank++)
        {
            clock[rank] = Math.Max(clock[rank], received[rank]);
        }

        clock[lane / _channels]++;
    }

    /// <summary>The lane's clock now, to travel with a message.</summary>
    public int[] Snapshot(int lane) => (int[])_clocks[lane].Clone();

    /// <summary>The lane's step has read a range of the rank that sent it, and is done.</summary>
    public void AddReading(int lane, int owner, in ChunkRange range)
    {
        if (range.Plane == ChunkRange.SeparateInput)
        {
            return; // nothing is ever stored there
        }

        int reader = lane / _channels;
        for (int offset = 0; offset < range.Count; offset++)
        {
            (_readings[IndexOf(owner, range, offset)] ??= []).Add(new Reading(reader, _clocks[lane][reader]));
        }
    }

    /// <summary>The lane's step reads or stores a range of its own rank.</summary>
    public void AddUse(int lane, int rank, in ChunkRange range)
    {
        for (int offset = 0; range.Plane != ChunkRange.SeparateInput && offset < range.Count; offset++)
        {
            _uses[IndexOf(rank, range, offset)] = _clocks[lane][rank];
        }
    }

    /// <summary>
    /// A message into a chunk of a range: finds who used the chunk before, in this call, without the sender's knowing at its send that it was over. Asked before the store, which forgets the readers.
    /// </summary>
    public bool TryFindUnknownUse(int[] sendersClock, int owner, in ChunkRange range, int offset, [NotNullWhen(true)] out int? user)
    {
        int index = IndexOf(owner, range, offset);
        user = sendersClock[owner] < _uses[index] ? owner : null;
        if (_readings[index] is { } readings) // no empty list in place of none: this is asked of every chunk of millions of messages
        {
            foreach (Reading reading in readings)
            {
                user = sendersClock[reading.Rank] < reading.Time ? reading.Rank : user;
            }
        }

        return user is not null;
    }

    /// <summary>A store by the lane: finds a reader of the range that the lane does not know to be done. The readers before it are forgotten.</summary>
    public bool TryFindUnorderedReader(int lane, int owner, in ChunkRange range, [NotNullWhen(true)] out int? reader)
    {
        reader = null;
        for (int offset = 0; offset < range.Count; offset++)
        {
            if (_readings[IndexOf(owner, range, offset)] is not { Count: > 0 } readings)
            {
                continue;
            }

            foreach (Reading reading in readings)
            {
                reader = _clocks[lane][reading.Rank] < reading.Time ? reading.Rank : reader;
            }

            readings.Clear();
        }

        return reader is not null;
    }

    private int IndexOf(int owner, in ChunkRange range, int offset) => (owner * _rowLength) + (range.Plane * _chunks) + range.At(offset, _chunks);

    private readonly record struct Reading(int Rank, int Time);
}
