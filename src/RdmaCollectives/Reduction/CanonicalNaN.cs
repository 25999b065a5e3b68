using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RdmaCollectives.Reduction;

/// <summary>
/// <typeparamref name="TCombine"/>, with every NaN result replaced by the one NaN that .NET calls <c>T.NaN</c>. Without it the bits of a NaN would depend on
/// which operand the compiler put first (x86 keeps the first operand's payload and the JIT may swap the operands of a commutative
/// instruction, differently in the vector loop and in the tail) and on the processor (Arm and x86 make NaNs of different sign).
/// </summary>
internal readonly struct CanonicalNaN<T, TCombine> : ICombine<T>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TCombine : struct, ICombine<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Invoke(T left, T right)
    {
        T result = TCombine.Invoke(left, right);
        return T.IsNaN(result) ? T.NaN : result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Invoke(Vector128<T> left, Vector128<T> right)
    {
        Vector128<T> result = TCombine.Invoke(left, right);
        return Vector128.ConditionalSelect(Vector128.Equals(result, result), result, Vector128.Create(T.NaN));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Invoke(Vector256<T> left, Vector256<T> right)
    {
        Vector256<T> result = TCombine.Invoke(left, right);
        return Vector256.ConditionalSelect(Vector256.Equals(result, result), result, Vector256.Create(T.NaN));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Invoke(Vector512<T> left, Vector512<T> right)
    {
        Vector512<T> result = TCombine.Invoke(left, right);
        return Vector512.ConditionalSelect(Vector512.Equals(result, result), result, Vector512.Create(T.NaN));
    }
}
