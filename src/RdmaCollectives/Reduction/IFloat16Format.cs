using System.Runtime.Intrinsics;

namespace RdmaCollectives.Reduction;

/// <summary>
/// A 16-bit float: exact widening to float, and narrowing that rounds to nearest, ties to even, and makes every NaN the one that .NET calls <c>NaN</c>.
/// In vectors each 16-bit pattern lies in the lower half of a 32-bit lane. All widths give the same bits.
/// </summary>
internal interface IFloat16Format
{
    static abstract float Widen(ushort bits);

    static abstract ushort Narrow(float value);

    static abstract Vector128<float> Widen(Vector128<uint> bits);

    static abstract Vector256<float> Widen(Vector256<uint> bits);

    static abstract Vector512<float> Widen(Vector512<uint> bits);

    static abstract Vector128<uint> Narrow(Vector128<float> value);

    static abstract Vector256<uint> Narrow(Vector256<float> value);

    static abstract Vector512<uint> Narrow(Vector512<float> value);
}
