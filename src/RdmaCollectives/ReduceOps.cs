namespace RdmaCollectives;

/// <summary>What is known about each <see cref="ReduceOp"/>: its short name, and the types that it is for.</summary>
public static class ReduceOps
{
    /// <summary>Whether there is a built-in reduction of this kind for <paramref name="type"/>: the bit operations are for integers only, the others for every type.</summary>
    /// <param name="op">The reduction.</param>
    /// <param name="type">The element type.</param>
    /// <returns>False as well if either is not a member of its enumeration.</returns>
    public static bool AppliesTo(this ReduceOp op, DataType type)
        => Enum.IsDefined(type) && Enum.IsDefined(op) && (type.IsInteger() || op is not (ReduceOp.BitAnd or ReduceOp.BitOr or ReduceOp.BitXor));

    /// <summary>The short name, those of NCCL's tests and for bit operations MPI's: <c>sum</c>, <c>prod</c>, <c>min</c>, <c>max</c>, <c>avg</c>, <c>band</c>, <c>bor</c> or <c>bxor</c>.</summary>
    /// <param name="op">The reduction.</param>
    /// <returns>A name that <see cref="TryParse"/> takes.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="op"/> is not a member of the enumeration.</exception>
    public static string ShortName(this ReduceOp op) => op switch
    {
        ReduceOp.Sum => "sum",
        ReduceOp.Product => "prod",
        ReduceOp.Min => "min",
        ReduceOp.Max => "max",
        ReduceOp.Average => "avg",
        ReduceOp.BitAnd => "band",
        ReduceOp.BitOr => "bor",
        ReduceOp.BitXor => "bxor",
        _ => throw new ArgumentOutOfRangeException(
            nameof(op), op, $"ReduceOp {(byte)op} does not exist: the reductions are {string.Join(", ", Enum.GetNames<ReduceOp>())}."),
    };

    /// <summary>Reads a short name; upper and lower case are the same.</summary>
    /// <param name="name">The name.</param>
    /// <param name="op">The reduction.</param>
    /// <returns>Whether the name is known.</returns>
    public static bool TryParse(string? name, out ReduceOp op)
    {
        ReduceOp? found = name?.ToLowerInvariant() switch
        {
            "sum" => ReduceOp.Sum,
            "prod" => ReduceOp.Product,
            "min" => ReduceOp.Min,
            "max" => ReduceOp.Max,
            "avg" => ReduceOp.Average,
            "band" => ReduceOp.BitAnd,
            "bor" => ReduceOp.BitOr,
            "bxor" => ReduceOp.BitXor,
            _ => null,
        };
        op = found.GetValueOrDefault();
        return found.HasValue;
    }
}
