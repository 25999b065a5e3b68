using System.Globalization;

namespace RdmaCollectives.Schedules.Verification;

/// <summary>
/// Values as fingerprints. Two different values agree by accident with a chance of about 2^-64 per comparison: the random numbers
/// are those of splitmix64 (Steele, Lea and Flood, OOPSLA 2014), fixed, so that a result repeats.
/// </summary>
internal readonly struct FingerprintAlgebra : IChunkAlgebra<Fingerprint>
{
    private const int NotOrdered = -1;
    private readonly int _ranks;
    private readonly ulong[] _numbers;
    private readonly ulong _all;

    public FingerprintAlgebra(int ranks)
    {
        _ranks = ranks;
        _numbers = new ulong[ranks];
        for (int rank = 0; rank < ranks; rank++)
        {
            _numbers[rank] = Mix((ulong)rank);
            _all += _numbers[rank];
        }
    }

    public Fingerprint Input(int rank, int chunk) => new(_numbers[rank], Mix(_numbers[rank] + (ulong)chunk), 1, chunk, rank, rank, IsFinished: false);

    public Fingerprint Combine(in Fingerprint left, in Fingerprint right) =>
        new(
            left.Contributions + right.Contributions,
            Mix(left.Expression + (3 * right.Expression)),
            left.Count + right.Count,
            left.Chunk,
            left.First,
            left.Last != NotOrdered && right.First == left.Last + 1 ? right.Last : NotOrdered,
            IsFinished: false);

    public Fingerprint Finish(in Fingerprint value) => value with { Expression = Mix(~value.Expression), IsFinished = true };

    public int ChunkOf(in Fingerprint value) => value.Chunk;

    public bool IsFinished(in Fingerprint value) => value.IsFinished;

    public bool Overlap(in Fingerprint left, in Fingerprint right) => false;

    public bool IsComplete(in Fingerprint value) => value.Count == _ranks && value.Contributions == _all;

    public bool IsRankOrdered(in Fingerprint value) => value.Last != NotOrdered;

    public string Describe(in Fingerprint value) =>
        string.Create(CultureInfo.InvariantCulture, $"{(value.IsFinished ? "final " : "")}{value.Count} contributions to chunk {value.Chunk}, fingerprint {value.Contributions:x16}");

    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
