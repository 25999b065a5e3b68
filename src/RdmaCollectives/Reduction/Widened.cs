using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RdmaCollectives.Reduction;

/// <summary>A reduction of 16-bit floats, held as their bits: both operands are widened to float, combined by <typeparamref name="TCombine"/>, and the result is rounded once.</summary>
internal readonly struct Widened<TFormat, TCombine> : ICombine<ushort>
    where TFormat : struct, IFloat16Format
    where TCombine : struct, ICombine<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Invoke(ushort left, ushort right) => TFormat.Narrow(TCombine.Invoke(TFormat.Widen(left), TFormat.Widen(right)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ushort> Invoke(Vector128<ushort> left, Vector128<ushort> right)
    {
        (Vector128<uint> leftLower, Vector128<uint> leftUpper) = Vector128.Widen(left);
        (Vector128<uint> rightLower, Vector128<uint> rightUpper) = Vector128.Widen(right);
        Vector128<float> lower = TCombine.Invoke(TFormat.Widen(leftLower), TFormat.Widen(rightLower));
        Vector128<float> upper = TCombine.Invoke(TFormat.Widen(leftUpper), TFormat.Widen(rightUpper));
        return Vector128.Narrow(TFormat.Narrow(lower), TFormat.Narrow(upper));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> Invoke(Vector256<ushort> left, Vector256<ushort> right)
    {
        (Vector256<uint> leftLower, Vector256<uint> leftUpper) = Vector256.Widen(left);
        (Vector256<uint> rightLower, Vector256<uint> rightUpper) = Vector256.Widen(right);
        Vector256<float> lower = TCombine.Invoke(TFormat.Widen(leftLower), TFormat.Widen(rightLower));
        Vector256<float> upper = TCombine.Invoke(TFormat.Widen(leftUpper), TFormat.Widen(rightUpper));
        return Vector256.Narrow(TFormat.Narrow(lower), TFormat.Narrow(upper));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ushort> Invoke(Vector512<ushort> left, Vector512<ushort> right)
    {
        (Vector512<uint> leftLower, Vector512<uint> leftUpper) = Vector512.Widen(left);
        (Vector512<uint> rightLower, Vector512<uint> rightUpper) = Vector512.Widen(right);
        Vector512<float> lower = TCombine.Invoke(TFormat.Widen(leftLower), TFormat.Widen(rightLower));
        Vector512<float> upper = TCombine.Invoke(TFormat.Widen(leftUpper), TFormat.Widen(rightUpper));
        return Vector512.Narrow(TFormat.Narrow(lower), TFormat.Narrow(upper));
    }
}
