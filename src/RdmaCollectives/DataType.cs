namespace RdmaCollectives;

/// <summary>Element types. The numbers are fixed: they are the wire's and the C ABI's, and those below 12 are NCCL's.</summary>
public enum DataType : byte
{
    /// <summary><see cref="sbyte"/>.</summary>
    Int8 = 0,

    /// <summary><see cref="byte"/>.</summary>
    UInt8 = 1,

    /// <summary><see cref="int"/>.</summary>
    Int32 = 2,

    /// <summary><see cref="uint"/>.</summary>
    UInt32 = 3,

    /// <summary><see cref="long"/>.</summary>
    Int64 = 4,

    /// <summary><see cref="ulong"/>.</summary>
    UInt64 = 5,

    /// <summary><see cref="Half"/>.</summary>
    Float16 = 6,

    /// <summary><see cref="float"/>.</summary>
    Float32 = 7,

    /// <summary><see cref="double"/>.</summary>
    Float64 = 8,

    /// <summary><see cref="Numerics.BFloat16"/>.</summary>
    BFloat16 = 9,

    /// <summary><see cref="Numerics.Float8E4M3"/>.</summary>
    Float8E4M3 = 10,

    /// <summary><see cref="Numerics.Float8E5M2"/>.</summary>
    Float8E5M2 = 11,

    /// <summary><see cref="short"/>.</summary>
    Int16 = 12,

    /// <summary><see cref="ushort"/>.</summary>
    UInt16 = 13,
}
