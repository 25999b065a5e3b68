using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RdmaCollectives.Reduction;

/// <summary>The lesser of two narrow floats, by their codes: NaN wins, and -0 is less than +0.</summary>
internal readonly struct CodeMinimum<T, TFormat> : ICombine<T>
    where T : unmanaged, IBinaryInteger<T>, ISignedNumber<T>, IMinMaxValue<T>
    where TFormat : struct, INarrowFormat
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Invoke(T left, T right)
        => T.CreateTruncating(TFormat.Narrow(Minimum<float>.Invoke(TFormat.Widen(uint.CreateTruncating(left)), TFormat.Widen(uint.CreateTruncating(right)))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Invoke(Vector128<T> left, Vector128<T> right)
    {
        Vector128<T> l = CodeOrder<T, TFormat>.Key(left), r = CodeOrder<T, TFormat>.Key(right);
        Vector128<T> least = Vector128.Min(l, r), greatest = Vector128.Max(l, r);
        return CodeOrder<T, TFormat>.Code(least, least, greatest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Invoke(Vector256<T> left, Vector256<T> right)
    {
        Vector256<T> l = CodeOrder<T, TFormat>.Key(left), r = CodeOrder<T, TFormat>.Key(right);
        Vector256<T> least = Vector256.Min(l, r), greatest = Vector256.Max(l, r);
        return CodeOrder<T, TFormat>.Code(least, least, greatest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Invoke(Vector512<T> left, Vector512<T> right)
    {
        Vector512<T> l = CodeOrder<T, TFormat>.Key(left), r = CodeOrder<T, TFormat>.Key(right);
        Vector512<T> least = Vector512.Min(l, r), greatest = Vector512.Max(l, r);
        return CodeOrder<T, TFormat>.Code(least, least, greatest);
    }
}
