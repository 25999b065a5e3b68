namespace RdmaCollectives.Testing;

/// <summary>
/// What ranks give, and what comes out: small integers (and powers of two for products), so that no order of reduction and no rounding can change a result. Values repeat after a prime
/// number of elements, so that a chunk at a wrong place shows.
/// </summary>
internal sealed class CaseValues<T>(CollectiveCase what, int ranks, Func<double, T> convert)
    where T : unmanaged
{
    public const int Period = 251;

    /// <summary>What a rank gives to a block (of a rank, or 0) where nothing is reduced.</summary>
    public T[] Moved(int rank, int block, int count) => Pattern(count, index => ((rank * 37) + (block * 11) + (index * 5)) % 121);

    /// <summary>What a rank gives to a block that is reduced.</summary>
    public T[] Operands(int rank, int block, int count) => Pattern(count, index => Operand(rank, block, index));

    /// <summary>The reduction of a block over all ranks.</summary>
    public T[] Results(int block, int count) => Pattern(count, index => Reduced(block, index));

    // Products use 1 and 2 only, few of them. Sums over 16 ranks are 48 at most; of types of 8 bits, which count to 8 or 16 exactly, 4.
    private double Operand(int rank, int block, int index) => what.Op switch
    {
        ReduceOp.Product => 1 + ((rank + block + index) % 7 == 0 ? 1 : 0),
        _ when what.Type is DataType.Float8E4M3 or DataType.Float8E5M2 => (rank + block + index) % 4 == 0 ? 1 : 0,
        _ => ((rank * 3) + block + (index % 5)) % 4,
    };

    private double Reduced(int block, int index)
    {
        double result = Operand(0, block, index);
        for (int rank = 1; rank < ranks; rank++)
        {
            double value = Operand(rank, block, index);
            result = what.Op switch
            {
                ReduceOp.Sum or ReduceOp.Average => result + value,
                ReduceOp.Product => result * value,
                ReduceOp.Min => Math.Min(result, value),
                ReduceOp.Max => Math.Max(result, value),
                ReduceOp.BitAnd => (int)result & (int)value,
                ReduceOp.BitOr => (int)result | (int)value,
                _ => (int)result ^ (int)value,
            };
        }

        return what.Op != ReduceOp.Average ? result : what.Type.IsInteger() ? Math.Truncate(result / ranks) : result / ranks;
    }

    private T[] Pattern(int count, Func<int, double> value)
    {
        var pattern = new T[Math.Min(count, Period)];
        for (int i = 0; i < pattern.Length; i++)
        {
            pattern[i] = convert(value(i));
        }

        return pattern;
    }
}
