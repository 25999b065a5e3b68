using System.Numerics;
using RdmaCollectives.Numerics;
using RdmaCollectives.Tests.Numerics;
using BFloat16 = RdmaCollectives.Numerics.BFloat16;

namespace RdmaCollectives.Tests.Reduction;

/// <summary>What a reduction is by definition: one element at a time, in plain C#, and inputs that try the corners.</summary>
internal abstract class Reference<T>(T[] corners, Func<Random, T> random)
    where T : unmanaged
{
    public abstract T Combine(ReduceOp op, T left, T right);

    public abstract T Divide(T value, int rankCount);

    public abstract bool IsFinite(T value);

    /// <summary>Every second element is a corner case, so that neighbouring lanes differ in kind.</summary>
    public T[] Inputs(Random rng, int count)
    {
        var values = new T[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = rng.Next(2) == 0 ? corners[rng.Next(corners.Length)] : random(rng);
        }

        return values;
    }

    /// <summary>Inputs without infinity and NaN: narrow floats have kernels of their own for them.</summary>
    public T[] FiniteInputs(Random rng, int count)
    {
        var values = new T[count];
        for (int i = 0; i < count; i++)
        {
            do
            {
                values[i] = Inputs(rng, 1)[0];
            }
            while (!IsFinite(values[i]));
        }

        return values;
    }

    public T[] Corners => corners;
}

internal sealed class IntegerReference<T>() : Reference<T>(
    [T.Zero, T.One, T.MinValue, T.MaxValue, unchecked(T.Zero - T.One)], rng => T.CreateTruncating(rng.NextInt64(long.MinValue, long.MaxValue)))
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    public override T Combine(ReduceOp op, T left, T right) => op switch
    {
        // Through 128-bit arithmetic, so that wrapping is shown and not repeated.
        ReduceOp.Sum or ReduceOp.Average => T.CreateTruncating(Int128.CreateChecked(left) + Int128.CreateChecked(right)),
        ReduceOp.Product => T.CreateTruncating(BigInteger.CreateChecked(left) * BigInteger.CreateChecked(right)),
        ReduceOp.Min => left < right ? left : right,
        ReduceOp.Max => left > right ? left : right,
        ReduceOp.BitAnd => left & right,
        ReduceOp.BitOr => left | right,
        _ => left ^ right,
    };

    public override bool IsFinite(T value) => true;

    public override T Divide(T value, int rankCount) => T.CreateChecked(Int128.CreateChecked(value) / rankCount);
}

internal sealed class FloatReference<T>(T[] nans, Func<Random, T> random) : Reference<T>(
    [.. nans, T.Zero, T.NegativeZero, T.One, -T.One, T.PositiveInfinity, T.NegativeInfinity, T.MaxValue, T.MinValue, T.Epsilon, -T.Epsilon], random)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>, IMinMaxValue<T>
{
    public override T Combine(ReduceOp op, T left, T right)
    {
        T result = op switch
        {
            ReduceOp.Sum or ReduceOp.Average => left + right,
            ReduceOp.Product => left * right,
            ReduceOp.Min => T.Min(left, right),
            _ => T.Max(left, right),
        };
        return T.IsNaN(result) ? T.NaN : result;
    }

    public override bool IsFinite(T value) => T.IsFinite(value);

    public override T Divide(T value, int rankCount)
    {
        // A rank count need not fit a Half.
        T result = typeof(T) == typeof(Half) ? T.CreateChecked(float.CreateChecked(value) / rankCount) : value / T.CreateChecked(rankCount);
        return T.IsNaN(result) ? T.NaN : result;
    }
}

internal sealed class BFloat16Reference() : Reference<BFloat16>(
    [.. new ushort[] { 0x7FC0, 0xFFC0, 0x7F81, 0xFFFF, 0x0000, 0x8000, 0x3F80, 0xBF80, 0x7F80, 0xFF80, 0x7F7F, 0xFF7F, 0x0001, 0x8001 }.Select(BFloat16.FromBits)],
    rng => BFloat16.FromBits((ushort)rng.Next(0x10000)))
{
    public override BFloat16 Combine(ReduceOp op, BFloat16 left, BFloat16 right) => Round(op switch
    {
        ReduceOp.Sum or ReduceOp.Average => (float)left + right,
        ReduceOp.Product => (float)left * right,
        ReduceOp.Min => float.Min(left, right),
        _ => float.Max(left, right),
    });

    public override bool IsFinite(BFloat16 value) => float.IsFinite(value);

    public override BFloat16 Divide(BFloat16 value, int rankCount) => Round((float)value / rankCount);

    private static BFloat16 Round(float value) => float.IsNaN(value) ? BFloat16.NaN : (BFloat16)value;
}

/// <summary>Exact in double, then rounded once by the specification's own definition; finite results saturate. (A float in between, as in the kernels, has enough bits to change nothing.)</summary>
internal sealed class Float8Reference<T>(Float8Spec spec, byte[] corners, byte? infinity, byte nan, Func<byte, T> fromBits, Func<T, double> value) : Reference<T>(
    [.. corners.Select(fromBits)], rng => fromBits((byte)rng.Next(256)))
    where T : unmanaged
{
    public override T Combine(ReduceOp op, T left, T right)
    {
        double l = value(left), r = value(right);
        return Round(op switch
        {
            ReduceOp.Sum or ReduceOp.Average => l + r,
            ReduceOp.Product => l * r,
            ReduceOp.Min => Math.Min(l, r),
            _ => Math.Max(l, r),
        });
    }

    public override bool IsFinite(T code) => double.IsFinite(value(code));

    public override T Divide(T code, int rankCount) => Round((float)value(code) / rankCount);

    private T Round(double exact)
        => fromBits(double.IsNaN(exact) ? nan : double.IsInfinity(exact) ? (byte)(infinity!.Value | (exact < 0 ? 0x80 : 0)) : spec.Nearest(exact));
}

internal static class References
{
    public static object For(DataType type) => type switch
    {
        DataType.Int8 => new IntegerReference<sbyte>(),
        DataType.UInt8 => new IntegerReference<byte>(),
        DataType.Int16 => new IntegerReference<short>(),
        DataType.UInt16 => new IntegerReference<ushort>(),
        DataType.Int32 => new IntegerReference<int>(),
        DataType.UInt32 => new IntegerReference<uint>(),
        DataType.Int64 => new IntegerReference<long>(),
        DataType.UInt64 => new IntegerReference<ulong>(),
        DataType.Float16 => new FloatReference<Half>(
            [.. new ushort[] { 0x7E00, 0xFE00, 0x7C01, 0xFFFF }.Select(BitConverter.UInt16BitsToHalf)], rng => BitConverter.UInt16BitsToHalf((ushort)rng.Next(0x10000))),
        DataType.BFloat16 => new BFloat16Reference(),
        DataType.Float8E4M3 => new Float8Reference<Float8E4M3>(
            Float8Spec.E4M3, [0x7F, 0xFF, 0x00, 0x80, 0x38, 0xB8, 0x7E, 0xFE, 0x01, 0x81, 0x08], infinity: null, nan: 0xFF, Float8E4M3.FromBits, v => v),
        DataType.Float8E5M2 => new Float8Reference<Float8E5M2>(
            Float8Spec.E5M2, [0x7E, 0xFD, 0xFF, 0x00, 0x80, 0x3C, 0xBC, 0x7C, 0xFC, 0x7B, 0xFB, 0x01, 0x81, 0x04], infinity: 0x7C, nan: 0xFE, Float8E5M2.FromBits, v => v),
        DataType.Float32 => new FloatReference<float>(
            [.. new uint[] { 0x7FC00000, 0xFFC00000, 0x7F800001, 0xFFFFFFFF, 0x7FC12345 }.Select(BitConverter.UInt32BitsToSingle)],
            rng => BitConverter.Int32BitsToSingle(rng.Next(int.MinValue, int.MaxValue))),
        DataType.Float64 => new FloatReference<double>(
            [.. new ulong[] { 0x7FF8000000000000, 0xFFF8000000000000, 0x7FF0000000000001, 0xFFFFFFFFFFFFFFFF }.Select(BitConverter.UInt64BitsToDouble)],
            rng => BitConverter.Int64BitsToDouble(rng.NextInt64(long.MinValue, long.MaxValue))),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}
