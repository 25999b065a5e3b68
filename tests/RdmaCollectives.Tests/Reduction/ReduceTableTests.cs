using System.Runtime.InteropServices;
using RdmaCollectives.Numerics;
using RdmaCollectives.Reduction;

namespace RdmaCollectives.Tests.Reduction;

public unsafe class ReduceTableTests(ITestOutputHelper output)
{
    private const int Seed = 20_250_101;
    private const int LongestCount = 70;
    private const int LargestOffset = 70;

    public enum Destination
    {
        Apart,
        OverLeft,
        OverRight,
    }

    public static TheoryData<DataType, ReduceOp, Destination> EveryKernel()
    {
        var rows = new TheoryData<DataType, ReduceOp, Destination>();
        foreach (DataType type in Enum.GetValues<DataType>())
        {
            foreach (ReduceOp op in Enum.GetValues<ReduceOp>().Where(op => op.AppliesTo(type)))
            {
                foreach (Destination destination in Enum.GetValues<Destination>())
                {
                    rows.Add(type, op, destination);
                }
            }
        }

        return rows;
    }

    /// <summary>Floats of so many bytes, with each operator that combines them in its own way.</summary>
    public static TheoryData<DataType, ReduceOp> NarrowReductions(int byteCount)
    {
        var rows = new TheoryData<DataType, ReduceOp>();
        foreach (DataType type in Enum.GetValues<DataType>().Where(type => !type.IsInteger() && type.ElementSize() == byteCount))
        {
            foreach (ReduceOp op in (ReduceOp[])[ReduceOp.Sum, ReduceOp.Product, ReduceOp.Min, ReduceOp.Max])
            {
                rows.Add(type, op);
            }
        }

        return rows;
    }

    public static TheoryData<DataType> EveryType() => new(Enum.GetValues<DataType>());

    [Theory]
    [MemberData(nameof(EveryKernel))]
    public void Combine_EveryCountAndByteOffset_GivesTheBitsOfTheReference(DataType type, ReduceOp op, Destination destination)
        => ByType(type, new CombineCheck(op, destination));

    [Theory]
    [MemberData(nameof(EveryType))]
    public void Finish_EveryCountAndByteOffset_DividesOnceByTheRankCount(DataType type)
        => ByType(type, default(FinishCheck));

    [Theory]
    [MemberData(nameof(NarrowReductions), 2)]
    public void Combine_Every16BitPatternWithEveryCorner_GivesTheBitsOfTheReference(DataType type, ReduceOp op)
        => ByType(type, new PatternCheck(op));

    [Theory]
    [MemberData(nameof(NarrowReductions), 1)]
    public void Combine_EveryPairOf8BitFloats_GivesTheBitsOfTheReference(DataType type, ReduceOp op)
        => ByType(type, new PairCheck(op));

    [Theory]
    [MemberData(nameof(EveryType))]
    public void Combine_OneSpecialElementInAnyBlock_GivesTheBitsOfTheReference(DataType type)
        => ByType(type, default(BlocksCheck));

    [Theory]
    [MemberData(nameof(EveryType))]
    public void Prepare_EveryCountAndByteOffset_IsTheProductOfTheReference(DataType type)
        => ByType(type, default(PrepareCheck));

    [Fact]
    public void Prepare_BuiltInsAndReducersOfUsers_HaveNone()
    {
        Assert.True(ReduceTable.Get<float>(ReduceOp.Sum).Prepare == null);
        Assert.True(ReduceTable.ForReducer<Guid, PickLeft>().Prepare == null);
    }

    [Fact]
    public void ForReducer_PreMultipliedSum_IsTheKernelOfTheSum()
    {
        ReduceKernel kernel = ReduceTable.ForReducer<Half, PreMultipliedSum<Half>>();
        Assert.Equal((nint)ReduceTable.Get<Half>(ReduceOp.Sum).Combine, (nint)kernel.Combine);
        Assert.True(kernel.Finish == null);
        Assert.True(kernel.IsCommutative && PreMultipliedSum<Half>.IsCommutative);
        Assert.Equal(2, kernel.ElementSize);
        Assert.Equal((Half)0.5, new PreMultipliedSum<Half>((Half)0.5).Factor);
    }

    [Fact]
    public void ForReducer_PreMultipliedSumOfAnotherType_NamesTheType()
    {
        var error = Assert.Throws<ArgumentException>(() => ReduceTable.ForReducer<Guid, PreMultipliedSum<Guid>>());
        Assert.Contains("Guid with PreMultipliedSum", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ReduceOp.BitAnd)]
    [InlineData(ReduceOp.BitOr)]
    [InlineData(ReduceOp.BitXor)]
    public void Get_BitOperationOfAFloat_ThrowsAndNamesBoth(ReduceOp op)
    {
        foreach (DataType type in Enum.GetValues<DataType>())
        {
            if (op.AppliesTo(type))
            {
                Assert.Equal(type.ElementSize(), ReduceTable.Get(type, op).ElementSize);
                continue;
            }

            Assert.Contains($"{type} with ReduceOp.{op}", Assert.Throws<ArgumentException>(() => ReduceTable.Get(type, op)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Get_TypeWithoutBuiltIn_NamesTypeOperationAndReducer()
    {
        var error = Assert.Throws<ArgumentException>(() => ReduceTable.Get<Guid>(ReduceOp.Sum));
        Assert.Contains("Guid", error.Message, StringComparison.Ordinal);
        Assert.Contains("ReduceOp.Sum", error.Message, StringComparison.Ordinal);
        Assert.Contains("IReducer<T>", error.Message, StringComparison.Ordinal);
        Assert.Equal("op", error.ParamName);
    }

    [Fact]
    public void Get_OperationThatDoesNotExist_NamesItsNumber()
    {
        Assert.Contains("Single with ReduceOp.77", Assert.Throws<ArgumentException>(() => ReduceTable.Get<float>((ReduceOp)77)).Message, StringComparison.Ordinal);
        Assert.Contains("55 with ReduceOp.Sum", Assert.Throws<ArgumentException>(() => ReduceTable.Get((DataType)55, ReduceOp.Sum)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Get_TypedAndUntyped_AreTheSameKernel()
    {
        Assert.Equal((nint)ReduceTable.Get<Half>(ReduceOp.Max).Combine, (nint)ReduceTable.Get(DataType.Float16, ReduceOp.Max).Combine);
        Assert.Equal((nint)ReduceTable.Get<BFloat16>(ReduceOp.Average).Finish, (nint)ReduceTable.Get(DataType.BFloat16, ReduceOp.Average).Finish);
        Assert.True(ReduceTable.Get<BFloat16>(ReduceOp.Average).Finish != null);
        Assert.True(ReduceTable.Get<BFloat16>(ReduceOp.Sum).Finish == null);
        Assert.Equal(8, ReduceTable.Get<double>(ReduceOp.Min).ElementSize);
        Assert.True(ReduceTable.Get<double>(ReduceOp.Min).IsCommutative);
    }

    private void ByType(DataType type, ICheck check)
    {
        output.WriteLine($"seed {Seed}");
        switch (type)
        {
            case DataType.Int8: check.Run<sbyte>(type); break;
            case DataType.UInt8: check.Run<byte>(type); break;
            case DataType.Int16: check.Run<short>(type); break;
            case DataType.UInt16: check.Run<ushort>(type); break;
            case DataType.Int32: check.Run<int>(type); break;
            case DataType.UInt32: check.Run<uint>(type); break;
            case DataType.Int64: check.Run<long>(type); break;
            case DataType.UInt64: check.Run<ulong>(type); break;
            case DataType.Float16: check.Run<Half>(type); break;
            case DataType.BFloat16: check.Run<BFloat16>(type); break;
            case DataType.Float8E4M3: check.Run<Float8E4M3>(type); break;
            case DataType.Float8E5M2: check.Run<Float8E5M2>(type); break;
            case DataType.Float32: check.Run<float>(type); break;
            case DataType.Float64: check.Run<double>(type); break;
            default: Assert.Fail($"no test for {type}"); break;
        }
    }

    private interface ICheck
    {
        void Run<T>(DataType type)
            where T : unmanaged;
    }

    /// <summary>The bytes round each buffer are a pattern that must survive.</summary>
    private sealed class Buffer<T> : IDisposable
        where T : unmanaged
    {
        private const byte Guard = 0xA5;
        private readonly byte* _memory = (byte*)NativeMemory.AlignedAlloc((nuint)ByteCount, 64);

        private static int ByteCount => (LargestOffset + LongestCount + 8) * sizeof(T) + 64;

        public byte* Fill(ReadOnlySpan<T> values, int byteOffset)
        {
            new Span<byte>(_memory, ByteCount).Fill(Guard);
            MemoryMarshal.AsBytes(values).CopyTo(new Span<byte>(_memory + byteOffset, ByteCount - byteOffset));
            return _memory + byteOffset;
        }

        public void AssertHolds(ReadOnlySpan<T> expected, int byteOffset, string what)
        {
            var all = new ReadOnlySpan<byte>(_memory, ByteCount);
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(expected);
            if (!all.Slice(byteOffset, bytes.Length).SequenceEqual(bytes))
            {
                int at = all.Slice(byteOffset, bytes.Length).CommonPrefixLength(bytes) / sizeof(T);
                T got = MemoryMarshal.Read<T>(all[(byteOffset + (at * sizeof(T)))..]);
                Assert.Fail($"{what}: element {at} is {Bits(got)}, not {Bits(expected[at])}");
            }

            if (all[..byteOffset].ContainsAnyExcept(Guard) || all[(byteOffset + bytes.Length)..].ContainsAnyExcept(Guard))
            {
                Assert.Fail($"{what}: wrote outside of the destination");
            }
        }

        public void Dispose() => NativeMemory.AlignedFree(_memory);
    }

    private static string Bits<T>(T value)
        where T : unmanaged
        => $"{value} (0x{Convert.ToHexString(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray().Reverse().ToArray())})";

    private static void AssertCombined<T>(Reference<T> reference, ReduceOp op, T[] left, T[] right, T[] result)
        where T : unmanaged
    {
        for (int i = 0; i < left.Length; i++)
        {
            T expected = reference.Combine(op, left[i], right[i]);
            if (!MemoryMarshal.AsBytes(new Span<T>(ref expected)).SequenceEqual(MemoryMarshal.AsBytes(new Span<T>(ref result[i]))))
            {
                Assert.Fail($"{op} of {Bits(left[i])} and {Bits(right[i])}: {Bits(result[i])}, not {Bits(expected)}");
            }
        }
    }

    private readonly struct CombineCheck(ReduceOp op, Destination destination) : ICheck
    {
        public void Run<T>(DataType type)
            where T : unmanaged
        {
            var reference = (Reference<T>)References.For(type);
            var rng = new Random(Seed);
            ReduceKernel kernel = ReduceTable.Get<T>(op);
            using Buffer<T> left = new(), right = new(), apart = new();
            for (int round = 0; round <= 2 * LongestCount; round++)
            {
                // With and without infinities and NaNs.
                int count = round / 2;
                T[] l = round % 2 == 0 ? reference.Inputs(rng, count) : reference.FiniteInputs(rng, count);
                T[] r = round % 2 == 0 ? reference.Inputs(rng, count) : reference.FiniteInputs(rng, count);
                var expected = new T[count];
                for (int i = 0; i < count; i++)
                {
                    expected[i] = reference.Combine(op, l[i], r[i]);
                }

                for (int offset = 0; offset <= LargestOffset; offset++)
                {
                    int leftOffset = destination == Destination.OverLeft ? offset : 3;
                    int rightOffset = destination == Destination.OverRight ? offset : 16;
                    byte* lp = left.Fill(l, leftOffset);
                    byte* rp = right.Fill(r, rightOffset);
                    byte* dp = destination == Destination.OverLeft ? lp : destination == Destination.OverRight ? rp : apart.Fill([], offset);
                    kernel.Combine(null, lp, rp, dp, (nuint)count);
                    Buffer<T> target = destination switch { Destination.OverLeft => left, Destination.OverRight => right, _ => apart };
                    target.AssertHolds(expected, offset, $"{type} {op} count {count} offset {offset}");
                }
            }
        }
    }

    private readonly struct FinishCheck : ICheck
    {
        public void Run<T>(DataType type)
            where T : unmanaged
        {
            var reference = (Reference<T>)References.For(type);
            var rng = new Random(Seed);
            ReduceKernel kernel = ReduceTable.Get<T>(ReduceOp.Average);
            using Buffer<T> values = new();
            int[] rankCounts = [1, 2, 3, 7, 64, 127, 128, 129, 255, 256, 1000, 65_537];
            for (int count = 0; count <= LongestCount; count++)
            {
                T[] sums = reference.Inputs(rng, count);
                foreach (int rankCount in rankCounts)
                {
                    T[] expected = Array.ConvertAll(sums, v => reference.Divide(v, rankCount));
                    int offset = rng.Next(LargestOffset + 1);
                    kernel.Finish(values.Fill(sums, offset), (nuint)count, rankCount);
                    values.AssertHolds(expected, offset, $"{type} / {rankCount} count {count} offset {offset}");
                }
            }
        }
    }

    private readonly struct PickLeft : IReducer<Guid>
    {
        public static bool IsCommutative => false;

        public void Reduce(ReadOnlySpan<Guid> source, Span<Guid> accumulator) => source.CopyTo(accumulator);
    }

    private readonly struct PrepareCheck : ICheck
    {
        public void Run<T>(DataType type)
            where T : unmanaged
        {
            var reference = (Reference<T>)References.For(type);
            var rng = new Random(Seed);
            ReduceKernel kernel = ReduceTable.ForReducer<T, PreMultipliedSum<T>>();
            using Buffer<T> source = new(), apart = new();
            for (int count = 0; count <= LongestCount; count++)
            {
                T[] input = reference.Inputs(rng, count);
                var reducer = new PreMultipliedSum<T>(reference.Inputs(rng, 1)[0]);
                T[] expected = Array.ConvertAll(input, v => reference.Combine(ReduceOp.Product, v, reducer.Factor));
                int offset = rng.Next(LargestOffset + 1);
                string what = $"{type} times {Bits(reducer.Factor)} count {count} offset {offset}";

                kernel.Prepare(&reducer, source.Fill(input, 3), apart.Fill([], offset), (nuint)count);
                apart.AssertHolds(expected, offset, what);
                source.AssertHolds(input, 3, what);

                byte* inPlace = source.Fill(input, offset);
                kernel.Prepare(&reducer, inPlace, inPlace, (nuint)count);
                source.AssertHolds(expected, offset, what);
            }
        }
    }

    /// <summary>Long inputs, finite but for one element, which is somewhere else each time: kernels that look at a block before they choose a way must choose right for each.</summary>
    private readonly struct BlocksCheck : ICheck
    {
        private const int Count = 20_011;

        public void Run<T>(DataType type)
            where T : unmanaged
        {
            var reference = (Reference<T>)References.For(type);
            var rng = new Random(Seed);
            ReduceKernel kernel = ReduceTable.Get<T>(ReduceOp.Sum);
            T[][] operands = [reference.FiniteInputs(rng, Count), reference.FiniteInputs(rng, Count)];
            T[] specials = reference.Corners.Where(c => !reference.IsFinite(c)).DefaultIfEmpty(reference.Corners[0]).ToArray();
            var result = new T[Count];
            for (int round = 0; round < 24; round++)
            {
                T[] changed = operands[round % 2];
                int at = rng.Next(Count);
                T old = changed[at];
                changed[at] = specials[rng.Next(specials.Length)];
                fixed (T* l = operands[0], r = operands[1], d = result)
                {
                    kernel.Combine(null, (byte*)l, (byte*)r, (byte*)d, Count);
                }

                AssertCombined(reference, ReduceOp.Sum, operands[0], operands[1], result);
                changed[at] = old;
            }
        }
    }

    private readonly struct PairCheck(ReduceOp op) : ICheck
    {
        public void Run<T>(DataType type)
            where T : unmanaged
        {
            var reference = (Reference<T>)References.For(type);
            ReduceKernel kernel = ReduceTable.Get<T>(op);
            byte[] codes = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
            T[] all = MemoryMarshal.Cast<byte, T>(codes).ToArray();
            foreach (T[] values in (T[][])[all, [.. all.Where(reference.IsFinite)]])
            {
                T[] left = [.. values.SelectMany(_ => values)];
                T[] right = [.. values.SelectMany(v => Enumerable.Repeat(v, values.Length))];
                var result = new T[left.Length];
                fixed (T* l = left, r = right, d = result)
                {
                    kernel.Combine(null, (byte*)l, (byte*)r, (byte*)d, (nuint)left.Length);
                }

                AssertCombined(reference, op, left, right, result);
            }
        }
    }

    private readonly struct PatternCheck(ReduceOp op) : ICheck
    {
        public void Run<T>(DataType type)
            where T : unmanaged
        {
            var reference = (Reference<T>)References.For(type);
            ReduceKernel kernel = ReduceTable.Get<T>(op);
            T[] patterns = MemoryMarshal.Cast<ushort, T>(Enumerable.Range(0, 0x10000).Select(i => (ushort)i).ToArray()).ToArray();
            var rng = new Random(Seed);
            T[][] others = [.. reference.Corners.Select(c => Enumerable.Repeat(c, patterns.Length).ToArray()), reference.Inputs(rng, patterns.Length), reference.Inputs(rng, patterns.Length)];
            var result = new T[patterns.Length];
            foreach (T[] other in others)
            {
                fixed (T* l = patterns, r = other, d = result)
                {
                    kernel.Combine(null, (byte*)l, (byte*)r, (byte*)d, (nuint)patterns.Length);
                }

                AssertCombined(reference, op, patterns, other, result);
            }
        }
    }
}
