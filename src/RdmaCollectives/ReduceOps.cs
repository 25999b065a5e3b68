namespace RdmaCollectives;

/// <summary>The short names of each <see cref="ReduceOp"/>: those of NCCL's tests.</summary>
public static class ReduceOps
{
    /// <summary>The short name: <c>sum</c>, <c>prod</c>, <c>min</c>, <c>max</c> or <c>avg</c>.</summary>
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
            _ => null,
        };
        op = found.GetValueOrDefault();
        return found.HasValue;
    }
}
