using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RdmaCollectives.Reduction;

/// <summary>
/// The order of narrow floats by their codes alone, taken as signed integers. A code is sign and magnitude; its key, with the magnitude of negative values inverted, is in the order of the values,
/// -0 before +0, and beyond infinity at both ends come the NaNs. The key of a key is the code.
/// (Constants are made before they are used in a comparison: with a call in between, the JIT turns the comparison's mask into a vector and back.)
/// </summary>
internal static class CodeOrder<T, TFormat>
    where T : unmanaged, IBinaryInteger<T>, ISignedNumber<T>, IMinMaxValue<T>
    where TFormat : struct, INarrowFormat
{
    private static T Infinity
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => T.CreateTruncating(TFormat.Infinity);
    }

    private static T NaN
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => T.CreateTruncating(TFormat.NaN);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Key(Vector128<T> code) => code ^ ((TFormat.Bits == 16 ? code >> 15 : Vector128.LessThan(code, Vector128<T>.Zero)) & Vector128.Create(T.MaxValue));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Code(Vector128<T> key, Vector128<T> least, Vector128<T> greatest)
    {
        Vector128<T> infinity = Vector128.Create(Infinity), minusInfinity = Vector128.Create(~Infinity), nan = Vector128.Create(NaN);
        Vector128<T> code = Key(key);
        code = Vector128.ConditionalSelect(Vector128.GreaterThan(greatest, infinity), nan, code);
        return Vector128.ConditionalSelect(Vector128.LessThan(least, minusInfinity), nan, code);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Key(Vector256<T> code) => code ^ ((TFormat.Bits == 16 ? code >> 15 : Vector256.LessThan(code, Vector256<T>.Zero)) & Vector256.Create(T.MaxValue));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Code(Vector256<T> key, Vector256<T> least, Vector256<T> greatest)
    {
        Vector256<T> infinity = Vector256.Create(Infinity), minusInfinity = Vector256.Create(~Infinity), nan = Vector256.Create(NaN);
        Vector256<T> code = Key(key);
        code = Vector256.ConditionalSelect(Vector256.GreaterThan(greatest, infinity), nan, code);
        return Vector256.ConditionalSelect(Vector256.LessThan(least, minusInfinity), nan, code);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Key(Vector512<T> code) => code ^ ((TFormat.Bits == 16 ? code >> 15 : Vector512.LessThan(code, Vector512<T>.Zero)) & Vector512.Create(T.MaxValue));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Code(Vector512<T> key, Vector512<T> least, Vector512<T> greatest)
    {
        Vector512<T> infinity = Vector512.Create(Infinity), minusInfinity = Vector512.Create(~Infinity), nan = Vector512.Create(NaN);
        Vector512<T> code = Key(key);
        code = Vector512.ConditionalSelect(Vector512.GreaterThan(greatest, infinity), nan, code);
        return Vector512.ConditionalSelect(Vector512.LessThan(least, minusInfinity), nan, code);
    }
}
