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
    private readonly int[][] _clocks;
    private readonly Dictionary<(int Rank, StepBuffer Buffer, int Chunk), List<Reading>> _readings = [];

    public HappensBefore(int ranks, int channels)
    {
        _channels = channels;
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

    /// <summary>The lane's step has read a chunk of the rank that sent it, and is done.</summary>
    public void AddReading(int lane, int owner, StepBuffer buffer, int chunk)
    {
        if (!_readings.TryGetValue((owner, buffer, chunk), out List<Reading>? readings))
        {
            _readings.Add((owner, buffer, chunk), readings = []);
        }

        int reader = lane / _channels;
        readings.Add(new Reading(reader, _clocks[lane][reader]));
    }

    /// <summary>A store by the lane: finds a reader of the chunk that the lane does not know to be done. The readers before it are forgotten.</summary>
    public bool TryFindUnorderedReader(int lane, int owner, StepBuffer buffer, int chunk, [NotNullWhen(true)] out int? reader)
    {
        reader = null;
        if (!_readings.Remove((owner, buffer, chunk), out List<Reading>? readings))
        {
            return false;
        }

        foreach (Reading reading in readings)
        {
            reader = _clocks[lane][reading.Rank] < reading.Time ? reading.Rank : reader;
        }

        return reader is not null;
    }

    private readonly record struct Reading(int Rank, int Time);
}
