using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using RdmaCollectives.Reduction;

namespace RdmaCollectives.Benchmarks;

/// <summary>Each built-in kernel, in place as an all-reduce uses it, beside a copy of the same buffer and beside System.Numerics.Tensors.</summary>
[Config(typeof(Columns))]
[MedianColumn]
public unsafe class ReducerBenchmarks
{
    private byte* _left;
    private byte* _right;
    private ReduceKernel _kernel;

    /// <summary>Both operands of 64 KiB stay in most second-level caches; those of 1 MiB do not.</summary>
    [Params(64 << 10, 1 << 20)]
    public int ByteCount { get; set; }

    [ParamsAllValues]
    public DataType Type { get; set; }

    [Params(ReduceOp.Sum, ReduceOp.Max)]
    public ReduceOp Op { get; set; }

    [GlobalSetup]
    public void Allocate()
    {
        _left = (byte*)NativeMemory.AlignedAlloc((nuint)ByteCount, 64);
        _right = (byte*)NativeMemory.AlignedAlloc((nuint)ByteCount, 64);

        // Bytes of 0x3F: about 1 in every float type, so that repeated sums stay finite.
        new Span<byte>(_left, ByteCount).Fill(0x3F);
        new Span<byte>(_right, ByteCount).Fill(0x3F);
        _kernel = ReduceTable.Get(Type, Op);
    }

    [GlobalCleanup]
    public void Free()
    {
        NativeMemory.AlignedFree(_left);
        NativeMemory.AlignedFree(_right);
    }

    [Benchmark(Baseline = true)]
    public void Copy() => Buffer.MemoryCopy(_left, _right, ByteCount, ByteCount);

    [Benchmark]
    public void Kernel() => _kernel.Combine(null, _left, _right, _right, (nuint)(ByteCount / _kernel.ElementSize));

    /// <summary>It has no BFloat16 and no 8-bit floats.</summary>
    [Benchmark]
    public void Tensors()
    {
        switch (Type)
        {
            case DataType.Int8: Tensors<sbyte>(); break;
            case DataType.UInt8: Tensors<byte>(); break;
            case DataType.Int16: Tensors<short>(); break;
            case DataType.UInt16: Tensors<ushort>(); break;
            case DataType.Int32: Tensors<int>(); break;
            case DataType.UInt32: Tensors<uint>(); break;
            case DataType.Int64: Tensors<long>(); break;
            case DataType.UInt64: Tensors<ulong>(); break;
            case DataType.Float16: Tensors<Half>(); break;
            case DataType.Float32: Tensors<float>(); break;
            case DataType.Float64: Tensors<double>(); break;
            default: throw new NotSupportedException($"System.Numerics.Tensors does not add {Type}.");
        }
    }

    private void Tensors<T>()
        where T : unmanaged, System.Numerics.INumber<T>
    {
        var left = new ReadOnlySpan<T>(_left, ByteCount / sizeof(T));
        var right = new Span<T>(_right, ByteCount / sizeof(T));
        if (Op == ReduceOp.Sum)
        {
            TensorPrimitives.Add(left, right, right);
        }
        else
        {
            TensorPrimitives.Max(left, right, right);
        }
    }

    private sealed class Columns : ManualConfig
    {
        public Columns() => AddColumn(new GigabytesPerSecondColumn());
    }
}
