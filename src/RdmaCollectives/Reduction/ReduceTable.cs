using System.Numerics;

namespace RdmaCollectives.Reduction;

/// <summary>The one table of reductions: from element type and operation to a kernel.</summary>
internal static unsafe class ReduceTable
{
    private const int Operators = 8;

    /// <summary>What was looked up before, by type and operator: looking it up anew costs as much as the rest of the reduction of a few elements.</summary>
    private static readonly Known?[] s_known = new Known?[(byte.MaxValue + 1) * Operators];

    /// <summary>The built-in kernel for (<typeparamref name="T"/>, <paramref name="op"/>).</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static ReduceKernel Get<T>(ReduceOp op)
        where T : unmanaged
        => DataTypes.TryOf<T>(out DataType type) && TryGet(type, op, out ReduceKernel kernel) ? kernel : throw Missing(typeof(T).Name, Name(op), nameof(op));

    /// <summary>The built-in kernel for (<paramref name="type"/>, <paramref name="op"/>).</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static ReduceKernel Get(DataType type, ReduceOp op)
        => TryGet(type, op, out ReduceKernel kernel) ? kernel : throw Missing(type.ToString(), Name(op), nameof(op));

    /// <summary>
    /// The kernel of a reducer that was passed as a value. Its state is a pointer to that <typeparamref name="TReducer"/>, which stays where it is during the call. A user's reducer is called;
    /// of <see cref="PreMultipliedSum{T}"/> only the factor is used.
    /// </summary>
    /// <exception cref="ArgumentException">A pre-multiplied sum of a type without built-in reductions.</exception>
    public static ReduceKernel ForReducer<T, TReducer>()
        where T : unmanaged
        where TReducer : unmanaged, IReducer<T>
    {
        // Two constants to the JIT and to AOT compilers, as in DataTypes.TryOf: one branch is left.
        if (typeof(TReducer) == typeof(PreMultipliedSum<T>))
        {
            return DataTypes.TryOf<T>(out DataType type) ? PreMultiplied(type) : throw Missing(typeof(T).Name, nameof(PreMultipliedSum<>), "T");
        }

        return new(&UserKernel<T, TReducer>.Combine, null, sizeof(T), TReducer.IsCommutative);
    }

    private static ReduceKernel PreMultiplied(DataType type)
    {
        ReduceKernel sum = Get(type, ReduceOp.Sum);
        return new(sum.Combine, sum.Finish, sum.ElementSize, sum.IsCommutative, Scale(type));
    }

    private static delegate* managed<void*, byte*, byte*, nuint, void> Scale(DataType type) => type switch
    {
        DataType.Int8 => &ScaleKernel<sbyte, Product<sbyte>>.Prepare,
        DataType.UInt8 => &ScaleKernel<byte, Product<byte>>.Prepare,
        DataType.Int16 => &ScaleKernel<short, Product<short>>.Prepare,
        DataType.UInt16 => &ScaleKernel<ushort, Product<ushort>>.Prepare,
        DataType.Int32 => &ScaleKernel<int, Product<int>>.Prepare,
        DataType.UInt32 => &ScaleKernel<uint, Product<uint>>.Prepare,
        DataType.Int64 => &ScaleKernel<long, Product<long>>.Prepare,
        DataType.UInt64 => &ScaleKernel<ulong, Product<ulong>>.Prepare,
        DataType.Float16 => &ScaleKernel<ushort, Widened<ushort, HalfFormat, Product<float>>>.Prepare,
        DataType.BFloat16 => &ScaleKernel<ushort, Widened<ushort, BFloat16Format, Product<float>>>.Prepare,
        DataType.Float8E4M3 => &ScaleKernel<byte, Widened<byte, Float8E4M3Format, Product<float>>>.Prepare,
        DataType.Float8E5M2 => &ScaleKernel<byte, Widened<byte, Float8E5M2Format, Product<float>>>.Prepare,
        DataType.Float32 => &ScaleKernel<float, CanonicalNaN<float, Product<float>>>.Prepare,
        DataType.Float64 => &ScaleKernel<double, CanonicalNaN<double, Product<double>>>.Prepare,
        _ => throw Missing(type.ToString(), nameof(PreMultipliedSum<>), nameof(type)),
    };

    private static bool TryGet(DataType type, ReduceOp op, out ReduceKernel kernel)
    {
        if ((byte)op >= Operators)
        {
            kernel = default;
            return false;
        }

        ref Known? known = ref s_known[((byte)type * Operators) + (byte)op];
        kernel = (known ??= new Known(Find(type, op))).Kernel;
        return kernel.Combine != null;
    }

    private static ReduceKernel Find(DataType type, ReduceOp op) =>
        type switch
        {
            DataType.Int8 => Integer<sbyte>(op),
            DataType.UInt8 => Integer<byte>(op),
            DataType.Int16 => Integer<short>(op),
            DataType.UInt16 => Integer<ushort>(op),
            DataType.Int32 => Integer<int>(op),
            DataType.UInt32 => Integer<uint>(op),
            DataType.Int64 => Integer<long>(op),
            DataType.UInt64 => Integer<ulong>(op),
            DataType.Float16 => Narrow<ushort, short, HalfFormat>(op),
            DataType.BFloat16 => Narrow<ushort, short, BFloat16Format>(op),
            DataType.Float8E4M3 => Narrow<byte, sbyte, Float8E4M3Format>(op),
            DataType.Float8E5M2 => Narrow<byte, sbyte, Float8E5M2Format>(op),
            DataType.Float32 => Float<float>(op),
            DataType.Float64 => Float<double>(op),
            _ => default,
        };

    private static ReduceKernel Integer<T>(ReduceOp op)
        where T : unmanaged, IBinaryInteger<T>
        => op switch
        {
            ReduceOp.Sum => Kernel<T, Sum<T>>(null),
            ReduceOp.Product => Kernel<T, Product<T>>(null),
            ReduceOp.Min => Kernel<T, Minimum<T>>(null),
            ReduceOp.Max => Kernel<T, Maximum<T>>(null),
            ReduceOp.Average => Kernel<T, Sum<T>>(&AverageKernel.DivideIntegers<T>),
            ReduceOp.BitAnd => Kernel<T, BitAnd<T>>(null),
            ReduceOp.BitOr => Kernel<T, BitOr<T>>(null),
            ReduceOp.BitXor => Kernel<T, BitXor<T>>(null),
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

    private static ReduceKernel Narrow<TCode, TSignedCode, TFormat>(ReduceOp op)
        where TCode : unmanaged, IBinaryInteger<TCode>, IUnsignedNumber<TCode>
        where TSignedCode : unmanaged, IBinaryInteger<TSignedCode>, ISignedNumber<TSignedCode>, IMinMaxValue<TSignedCode>
        where TFormat : struct, INarrowFormat
        => op switch
        {
            ReduceOp.Sum => new(&NarrowSum<TCode, TFormat>.Combine, null, sizeof(TCode), isCommutative: true),
            ReduceOp.Product => Kernel<TCode, Widened<TCode, TFormat, Product<float>>>(null),
            ReduceOp.Min => Kernel<TSignedCode, CodeMinimum<TSignedCode, TFormat>>(null),
            ReduceOp.Max => Kernel<TSignedCode, CodeMaximum<TSignedCode, TFormat>>(null),
            ReduceOp.Average => new(&NarrowSum<TCode, TFormat>.Combine, &AverageKernel.DivideNarrow<TCode, TFormat>, sizeof(TCode), isCommutative: true),
            _ => default,
        };

    private static ReduceKernel Kernel<T, TCombine>(delegate* managed<byte*, nuint, int, void> finish)
        where T : unmanaged
        where TCombine : struct, ICombine<T>
        => new(&ElementwiseKernel<T, TCombine>.Combine, finish, sizeof(T), isCommutative: true);

    private static string Name(ReduceOp op) => $"{nameof(ReduceOp)}.{op}";

    private static ArgumentException Missing(string type, string operation, string parameter)
        => new($"There is no built-in reduction of {type} with {operation}: pass a struct that implements IReducer<T> for this element type.", parameter);

    private sealed class Known(ReduceKernel kernel)
    {
        public readonly ReduceKernel Kernel = kernel;
    }
}
