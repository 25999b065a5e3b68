namespace RdmaCollectives.Tool.Perf;

/// <summary>The numbers of a <see cref="Pattern"/>: the input of each rank, and what the reduction, if there is one, makes of them.</summary>
internal sealed class PatternValues(DataType type, PerfReduction? reduction, int ranks)
{
    /// <summary>Up to here every whole number is exact in the type, and below the poison.</summary>
    private readonly int _limit = type switch
    {
        DataType.Int8 => 127,
        DataType.UInt8 => 254,
        DataType.Int16 => 32_767,
        DataType.UInt16 => 65_534,
        DataType.Float8E5M2 => 8,
        DataType.Float8E4M3 => 16,
        DataType.BFloat16 => 256,
        DataType.Float16 => 2048,
        _ => 1 << 20,
    };

    /// <summary>What the ranks multiply by before they add.</summary>
    private readonly int _factor = reduction is { IsPreMultiplied: true } ? PerfReduction.Factor : 1;

    public int Input(int rank, int index, int round) => reduction?.Op switch
    {
        ReduceOp.Sum => Addend(rank, index, round),
        ReduceOp.Product => Two(rank, index, round),
        ReduceOp.Average => Quotient(index, round) + Deviation(rank, index, round),
        null => Mix(rank, index, round) % (Math.Min(1000, _limit) + 1),
        _ => Mix(rank, index, round) % (Math.Min(100, _limit) + 1),
    };

    public int Result(int index, int round) => reduction?.Op switch
    {
        ReduceOp.Sum => Inputs(index, round).Sum() * _factor,
        ReduceOp.Product => Inputs(index, round).Aggregate((all, next) => all * next),
        ReduceOp.Average => Quotient(index, round),
        ReduceOp.Min => Inputs(index, round).Min(),
        ReduceOp.Max => Inputs(index, round).Max(),
        ReduceOp.BitAnd => Inputs(index, round).Aggregate((all, next) => all & next),
        ReduceOp.BitOr => Inputs(index, round).Aggregate((all, next) => all | next),
        ReduceOp.BitXor => Inputs(index, round).Aggregate((all, next) => all ^ next),
        _ => throw new ArgumentOutOfRangeException(nameof(index), reduction, "The pattern has no result for this reduction."),
    };

    private IEnumerable<int> Inputs(int index, int round) => Enumerable.Range(0, ranks).Select(rank => Input(rank, index, round));

    /// <summary>The sum over all ranks stays within the limit; where there are more ranks than that, some add nothing.</summary>
    private int Addend(int rank, int index, int round)
    {
        int limit = _limit / _factor;
        int stride = ((ranks - 1) / limit) + 1;
        int adders = ((ranks - 1) / stride) + 1;
        return rank % stride == 0 ? Mix(rank, index, round) % (Math.Min(1000, limit / adders) + 1) : 0;
    }

    /// <summary>Two ranks give a 2, or one rank twice, the others 1: a power of two is exact in every type.</summary>
    private int Two(int rank, int index, int round) => rank == (index + round) % ranks || rank == ((3 * index) + 1) % ranks ? 2 : 1;

    /// <summary>The average; n times it stays within the limit. With more ranks than the type counts to, only 0 is exact.</summary>
    private int Quotient(int index, int round) => Mix(0, index, round) % (Math.Min(1000, _limit / 2 / ranks) + 1);

    /// <summary>Ranks deviate from the average in pairs, up and down, by no more than the average: unsigned types have no less than 0.</summary>
    private int Deviation(int rank, int index, int round)
    {
        bool paired = (rank ^ 1) < ranks;
        int size = Mix(rank / 2, index, round + 1) % (Quotient(index, round) + 1);
        return !paired ? 0 : rank % 2 == 0 ? size : -size;
    }

    /// <summary>Different for neighbours in each argument; not negative.</summary>
    private static int Mix(int rank, int index, int round) => (int)(HashOf(rank, index, round) >> 33);

    /// <summary>The finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).</summary>
    private static ulong HashOf(int rank, int index, int round)
    {
        ulong z = ((ulong)(uint)rank * 0x9E3779B97F4A7C15) + ((ulong)(uint)index << 20) + (uint)round + 1;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
