namespace RdmaCollectives.Schedules.Verification;

/// <summary>For a barrier: which ranks each lane knows to have begun. Its own rank has; the rest it learns from messages.</summary>
internal sealed class Knowledge
{
    private readonly Shape _shape;
    private readonly ulong[][] _known;

    public Knowledge(in Shape shape)
    {
        _shape = shape;
        _known = new ulong[shape.Ranks * shape.Channels][];
        for (int lane = 0; lane < _known.Length; lane++)
        {
            _known[lane] = new ulong[Bits.Words(shape.Ranks)];
            Bits.Set(_known[lane], lane / shape.Channels);
        }
    }

    /// <summary>What the lane knows now, to travel with a message.</summary>
    public ulong[] Snapshot(int lane) => (ulong[])_known[lane].Clone();

    /// <summary>The lane takes a message.</summary>
    public void Learn(int lane, ulong[] known) => Bits.Unite(_known[lane], known);

    /// <summary>A rank that a rank does not know to have begun, when all its lanes are at their ends; -1 when there is none.</summary>
    public int FirstUnknown(int rank)
    {
        var known = new ulong[Bits.Words(_shape.Ranks)];
        for (int channel = 0; channel < _shape.Channels; channel++)
        {
            Bits.Unite(known, _known[(rank * _shape.Channels) + channel]);
        }

        for (int other = 0; other < _shape.Ranks; other++)
        {
            if (!Bits.Has(known, other))
            {
                return other;
            }
        }

        return -1;
    }
}
