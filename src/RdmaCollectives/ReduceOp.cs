namespace RdmaCollectives;

/// <summary>Built-in reductions. The numbers are fixed: they are the wire's and the C ABI's.</summary>
public enum ReduceOp : byte
{
    /// <summary>Sum; integers wrap.</summary>
    Sum = 0,

    /// <summary>Product; integers wrap.</summary>
    Product = 1,

    /// <summary>Minimum; a NaN of any rank gives NaN; -0 is less than +0.</summary>
    Min = 2,

    /// <summary>Maximum; a NaN of any rank gives NaN; -0 is less than +0.</summary>
    Max = 3,

    /// <summary>Sum, then divided once by the number of ranks; integers truncate towards zero.</summary>
    Average = 4,
}
