using System.Numerics;

namespace RdmaCollectives.Reduction;

/// <summary>The one table of reductions: from element type and operation to a kernel.</summary>
internal static unsafe class ReduceTable
{
    /// <summary>The built-in kernel for (<typeparamref name="T"/>, <paramref name="op"/>).</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static ReduceKernel Get<T>(ReduceOp op)
        where T : unmanaged
        => DataTypes.TryOf<T>(out DataType type) && TryGet(type, op, out ReduceKernel kernel) ? kernel : throw Missing(typeof(T).Name, op);

    /// <summary>The built-in kernel for (<paramref name="type"/>, <paramref name="op"/>).</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static ReduceKernel Get(DataType type, ReduceOp op)
        => TryGet(type, op, out ReduceKernel kernel) ? kernel : throw Missing(type.ToString(), op);

    /// <summary>The kernel that calls a user's reducer. Its state is a pointer to a <typeparamref name="TReducer"/> that stays where it is during the call.</summary>
    public static ReduceKernel ForReducer<T, TReducer>()
        where T : unmanaged
        where TReducer : unmanaged, IReducer<T>
        => new(&UserKernel<T, TReducer>.Combine, null, sizeof(T), TReducer.IsCommutative);

    private static bool TryGet(DataType type, ReduceOp op, out ReduceKernel kernel)
    {
        kernel = type switch
        {
            DataType.Int8 => Integer<sbyte>(op),
            DataType.UInt8 => Integer<byte>(op),
            DataType.Int32 => Integer<int>(op),
            DataType.UInt32 => Integer<uint>(op),
            DataType.Int64 => Integer<long>(op),
            DataType.UInt64 => Integer<ulong>(op),
            DataType.Float16 => Float16<HalfFormat>(op),
            DataType.BFloat16 => Float16<BFloat16Format>(op),
            DataType.Float32 => Float<float>(op),
            DataType.Float64 => Float<double>(op),
            _ => default,
        };
        return kernel.Combine != null;
    }

    private static ReduceKernel Integer<T>(ReduceOp op)
        where T : unmanaged, IBinaryInteger<T>
        => op switch
        {
            ReduceOp.Sum => Kernel<T, Sum<T>>(null),
            ReduceOp.Product => Kernel<T, Product<T>>(null),
            ReduceOp.Min => Kernel<T, Minimum<T>>(null),
            ReduceOp.Max => Kernel<T, Maximum<T>>(null),
            ReduceOp.Average => Kernel<T, Sum<T>>(&AverageKernel.DivideIntegers<T>),
            _ => default,
        };

    private static ReduceKernel Float<T>(ReduceOp op)
        where T : unmanaged, IFloatingPointIeee754<T>
        => op switch
        {
            ReduceOp.Sum => Kernel<T, CanonicalNaN<T, Sum<T>>>(null),
            ReduceOp.Product => Kernel<T, CanonicalNaN<T, Product<T>>>(null),
            ReduceOp.Min => Kernel<T, CanonicalNaN<T, Minimum<T>>>(null),
            ReduceOp.Max => Kernel<T, CanonicalNaN<T, Maximum<T>>>(null),
            ReduceOp.Average => Kernel<T, CanonicalNaN<T, Sum<T>>>(&AverageKernel.DivideFloats<T>),
            _ => default,
        };

    private static ReduceKernel Float16<TFormat>(ReduceOp op)
        where TFormat : struct, IFloat16Format
        => op switch
        {
            ReduceOp.Sum => Kernel<ushort, Widened<TFormat, Sum<float>>>(null),
            ReduceOp.Product => Kernel<ushort, Widened<TFormat, Product<float>>>(null),
            ReduceOp.Min => Kernel<ushort, Widened<TFormat, Minimum<float>>>(null),
            ReduceOp.Max => Kernel<ushort, Widened<TFormat, Maximum<float>>>(null),
            ReduceOp.Average => Kernel<ushort, Widened<TFormat, Sum<float>>>(&AverageKernel.DivideWidened<TFormat>),
            _ => default,
        };

    private static ReduceKernel Kernel<T, TCombine>(delegate* managed<byte*, nuint, int, void> finish)
        where T : unmanaged
        where TCombine : struct, ICombine<T>
        => new(&ElementwiseKernel<T, TCombine>.Combine, finish, sizeof(T), isCommutative: true);

    private static ArgumentException Missing(string type, ReduceOp op)
        => new(
            $"There is no built-in reduction of {type} with {nameof(ReduceOp)}.{op}: pass a struct that implements IReducer<T> for this element type.",
            nameof(op));
}
