using System.Diagnostics.CodeAnalysis;

namespace RdmaCollectives.Schedules.Verification;

/// <summary>
/// The chunks of the input whose way through a run is followed: all of them while that fits, else those at the edges and some by a seed. A chunk is followed wherever it goes, so that the proof of those in the
/// sample is whole. What is combined across ranks is followed on all of them: the sample is of chunks, the same on every rank; in an all-to-all, where every rank's input goes its own ways, it is a few of every rank.
/// </summary>
internal sealed class Sample
{
    /// <summary>The most chunks of memory, over all ranks and planes, of which each one is followed.</summary>
    public const long FullLimit = 1 << 22;

    private const int SharedSize = 64;
    private const int OwnSize = 8;

    private readonly ulong[]? _shared;
    private readonly ulong[][]? _own;

    private Sample(BufferLayout layout, int seed)
    {
        if (layout.Collective != CollectiveKind.AllToAll)
        {
            _shared = Choose(layout.Chunks, SharedSize, new Random(seed));
            return;
        }

        _own = new ulong[layout.Shape.Ranks][];
        var random = new Random(seed);
        for (int rank = 0; rank < _own.Length; rank++)
        {
            _own[rank] = Choose(layout.Chunks, OwnSize, random);
            Bits.Set(_own[rank], rank * layout.Pieces); // the block that stays
        }
    }

    /// <summary>The sample for a layout; null when every chunk is followed.</summary>
    public static Sample? For(BufferLayout layout, int seed) =>
        (long)layout.Shape.Ranks * layout.Chunks * (1 + layout.ScratchPlanes) <= FullLimit ? null : new Sample(layout, seed);

    /// <summary>The followed chunks of a rank's input, a bit each.</summary>
    public ulong[] Of(int rank) => _shared ?? _own![rank];

    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "The seed makes a proof repeat; nothing is secret.")]
    private static ulong[] Choose(int chunks, int count, Random random)
    {
        var chosen = new ulong[Bits.Words(chunks)];
        foreach (int edge in (ReadOnlySpan<int>)[0, 1, chunks / 2, chunks - 1])
        {
            Bits.Set(chosen, Math.Min(edge, chunks - 1));
        }

        for (int i = 0; i < count; i++)
        {
            Bits.Set(chosen, random.Next(chunks));
        }

        return chosen;
    }
}
