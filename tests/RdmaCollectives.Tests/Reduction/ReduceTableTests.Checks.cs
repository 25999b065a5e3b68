using System.Runtime.InteropServices;
using RdmaCollectives.Reduction;

namespace RdmaCollectives.Tests.Reduction;

/// <summary>What is done with each kernel, generic over the element type.</summary>
public unsafe partial class ReduceTableTests
{
    private const int LongestCount = 70;
    private const int LargestOffset = 70;

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
                T factor = reference.Inputs(rng, 1)[0];
                var reducer = new PreMultipliedSum<T>(factor);
                T[] expected = Array.ConvertAll(input, v => reference.Combine(ReduceOp.Product, v, factor));
                int offset = rng.Next(LargestOffset + 1);
                string what = $"{type} times {Bits(factor)} count {count} offset {offset}";

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
