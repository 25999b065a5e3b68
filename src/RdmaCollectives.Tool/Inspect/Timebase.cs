namespace RdmaCollectives.Tool.Inspect;

/// <summary>Brings the times of the dumps of one communicator to one clock, that of rank 0: by what each rank measured against it, else by the wall clocks.</summary>
internal sealed class Timebase
{
    private readonly Dictionary<int, DumpOffset[]> _offsets = [];
    private readonly Dictionary<int, long> _shifts = []; // where nothing was measured

    public Timebase(IReadOnlyList<Dump> dumps)
    {
        foreach (Dump dump in dumps)
        {
            DumpOffset[] measured = dump.Rank == 0 ? [new DumpOffset(0, 0, 0, dump.Clock.NowNs)] : [.. dump.Clock.Offsets.Where(offset => offset.Rank == 0).OrderBy(offset => offset.MeasuredAtNs)];
            if (measured.Length > 0)
            {
                _offsets.Add(dump.Rank, measured);
                UncertaintyNs = Math.Max(UncertaintyNs, measured.Max(offset => offset.RoundTripNs) / 2);
            }
        }

        Dump anchor = dumps.FirstOrDefault(dump => _offsets.ContainsKey(dump.Rank)) ?? dumps[0];
        ByWallClock = [.. dumps.Where(dump => !_offsets.ContainsKey(dump.Rank) && dump != anchor).Select(dump => dump.Rank)];
        foreach (int rank in ByWallClock)
        {
            Dump dump = dumps.First(other => other.Rank == rank);
            _shifts[rank] = Common(anchor.Rank, anchor.Clock.NowNs) + (100 * (dump.Clock.NowUtc - anchor.Clock.NowUtc).Ticks) - dump.Clock.NowNs;
        }
    }

    /// <summary>How wrong a comparison of two ranks' times can be, where clocks were measured.</summary>
    public long UncertaintyNs { get; }

    /// <summary>Ranks that have measured nothing: their times are as right as their hosts' wall clocks.</summary>
    public IReadOnlyList<int> ByWallClock { get; }

    /// <summary>A time of a rank by the common clock.</summary>
    public long Common(int rank, long time)
    {
        if (!_offsets.TryGetValue(rank, out DumpOffset[]? measured))
        {
            return time + _shifts.GetValueOrDefault(rank);
        }

        // Between two measurements clocks drift evenly; before the first and after the last nothing is known of it.
        DumpOffset first = measured[0], last = measured[^1];
        double share = last.MeasuredAtNs <= first.MeasuredAtNs ? 1 : Math.Clamp((double)(time - first.MeasuredAtNs) / (last.MeasuredAtNs - first.MeasuredAtNs), 0, 1);
        return time + first.OffsetNs + (long)(share * (last.OffsetNs - first.OffsetNs));
    }
}
