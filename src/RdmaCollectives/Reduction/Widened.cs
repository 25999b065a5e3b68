using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RdmaCollectives.Reduction;

/// <summary>A reduction of narrow floats, held as their codes: both operands are widened to float, combined by <typeparamref name="TCombine"/>, and the result is rounded once.</summary>
internal readonly struct Widened<T, TFormat, TCombine> : ICombine<T>
    where T : unmanaged, IBinaryInteger<T>
    where TFormat : struct, INarrowFormat
    where TCombine : struct, ICombine<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Invoke(T left, T right)
        => T.CreateTruncating(TFormat.Narrow(TCombine.Invoke(TFormat.Widen(uint.CreateTruncating(left)), TFormat.Widen(uint.CreateTruncating(right)))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Invoke(Vector128<T> left, Vector128<T> right)
    {
        Vector128<uint> l = left.AsUInt32();
        Vector128<uint> r = right.AsUInt32();
        return TFormat.Bits == 16
            ? NarrowLanes<TFormat>.Join(AtTop(l, r), AtTop(l << 16, r << 16)).As<uint, T>()
            : NarrowLanes<TFormat>.Join(AtTop(l, r), AtTop(l << 8, r << 8), AtTop(l << 16, r << 16), AtTop(l << 24, r << 24)).As<uint, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> AtTop(Vector128<uint> left, Vector128<uint> right)
        => NarrowLanes<TFormat>.Narrow(TCombine.Invoke(NarrowLanes<TFormat>.Widen(left), NarrowLanes<TFormat>.Widen(right)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Invoke(Vector256<T> left, Vector256<T> right)
    {
        Vector256<uint> l = left.AsUInt32();
        Vector256<uint> r = right.AsUInt32();
        return TFormat.Bits == 16
            ? NarrowLanes<TFormat>.Join(AtTop(l, r), AtTop(l << 16, r << 16)).As<uint, T>()
            : NarrowLanes<TFormat>.Join(AtTop(l, r), AtTop(l << 8, r << 8), AtTop(l << 16, r << 16), AtTop(l << 24, r << 24)).As<uint, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> AtTop(Vector256<uint> left, Vector256<uint> right)
        => NarrowLanes<TFormat>.Narrow(TCombine.Invoke(NarrowLanes<TFormat>.Widen(left), NarrowLanes<TFormat>.Widen(right)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Invoke(Vector512<T> left, Vector512<T> right)
    {
        Vector512<uint> l = left.AsUInt32();
        Vector512<uint> r = right.AsUInt32();
        return TFormat.Bits == 16
            ? NarrowLanes<TFormat>.Join(AtTop(l, r), AtTop(l << 16, r << 16)).As<uint, T>()
            : NarrowLanes<TFormat>.Join(AtTop(l, r), AtTop(l << 8, r << 8), AtTop(l << 16, r << 16), AtTop(l << 24, r << 24)).As<uint, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> AtTop(Vector512<uint> left, Vector512<uint> right)
        => NarrowLanes<TFormat>.Narrow(TCombine.Invoke(NarrowLanes<TFormat>.Widen(left), NarrowLanes<TFormat>.Widen(right)));
}
