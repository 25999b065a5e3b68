namespace RdmaCollectives;

/// <summary>Built-in reductions; docs/numerics.md says what each does with each type. The numbers are fixed: they are the wire's and the C ABI's.</summary>
public enum ReduceOp : byte
{
    /// <summary>Sum; integers wrap, 8-bit floats saturate.</summary>
    Sum = 0,

    /// <summary>Product; integers wrap, 8-bit floats saturate.</summary>
    Product = 1,

    /// <summary>Minimum; a NaN of any rank gives NaN; -0 is less than +0.</summary>
    Min = 2,

    /// <summary>Maximum; a NaN of any rank gives NaN; -0 is less than +0.</summary>
    Max = 3,

    /// <summary>Sum, then divided once by the number of ranks; integers truncate towards zero.</summary>
    Average = 4,

    /// <summary>Bitwise and; integers only.</summary>
    BitAnd = 5,

    /// <summary>Bitwise or; integers only.</summary>
    BitOr = 6,

    /// <summary>Bitwise exclusive or; integers only.</summary>
    BitXor = 7,
}
