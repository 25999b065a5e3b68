using System.Runtime.InteropServices;
using RdmaCollectives.Reduction;

namespace RdmaCollectives.Tests.Reduction;

public unsafe class UserKernelTests
{
    /// <summary>Not commutative: 2 * left + right, element by element.</summary>
    private readonly struct TwiceLeftPlusRight : IReducer<int>
    {
        public static bool IsCommutative => false;

        public void Reduce(ReadOnlySpan<int> source, Span<int> accumulator)
        {
            Assert.Equal(source.Length, accumulator.Length);
            Assert.False(source.Overlaps(accumulator));
            for (int i = 0; i < source.Length; i++)
            {
                accumulator[i] += 2 * source[i];
            }
        }
    }

    /// <summary>Has state, and an element type of the user's own, larger than the block in which the kernel copies aside.</summary>
    private readonly struct AddWeighted(long weight) : IReducer<Large>
    {
        public static bool IsCommutative => true;

        public void Reduce(ReadOnlySpan<Large> source, Span<Large> accumulator)
        {
            for (int i = 0; i < source.Length; i++)
            {
                accumulator[i].First += weight * source[i].First;
                accumulator[i].Last += weight * source[i].Last;
            }
        }
    }

    [StructLayout(LayoutKind.Explicit, Size = 5000)]
    private struct Large
    {
        [FieldOffset(0)]
        public long First;

        [FieldOffset(4992)]
        public long Last;
    }

    /// <summary>Touches no element: it counts what it is given, in memory that its value points to.</summary>
    private struct Count : IReducer<byte>
    {
        public long Calls;
        public long Elements;
        public int Longest;

        public static bool IsCommutative => true;

        public void Reduce(ReadOnlySpan<byte> source, Span<byte> accumulator)
        {
            Calls++;
            Elements += source.Length;
            Longest = Math.Max(Longest, source.Length);
        }
    }

    private struct Thrower : IReducer<int>
    {
        public static bool IsCommutative => true;

        public readonly void Reduce(ReadOnlySpan<int> source, Span<int> accumulator) => throw new InvalidOperationException("mine");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(5000)]
    public void Combine_ReducerThatIsNotCommutative_KeepsLeftAndRightInEveryForm(int count)
    {
        ReduceKernel kernel = ReduceTable.ForReducer<int, TwiceLeftPlusRight>();
        Assert.False(kernel.IsCommutative);
        Assert.Equal(4, kernel.ElementSize);
        Assert.True(kernel.Finish == null);
        var reducer = default(TwiceLeftPlusRight);
        int[] left = [.. Enumerable.Range(1, count)];
        int[] right = [.. Enumerable.Range(1, count).Select(i => 1000 * i)];
        int[] expected = [.. Enumerable.Range(1, count).Select(i => 1002 * i)];

        int[] apart = new int[count], overLeft = [.. left], overRight = [.. right];
        fixed (int* l = left, r = right, a = apart, ol = overLeft, or = overRight)
        {
            kernel.Combine(&reducer, (byte*)l, (byte*)r, (byte*)a, (nuint)count);
            kernel.Combine(&reducer, (byte*)ol, (byte*)r, (byte*)ol, (nuint)count);
            kernel.Combine(&reducer, (byte*)l, (byte*)or, (byte*)or, (nuint)count);
        }

        Assert.Equal(expected, apart);
        Assert.Equal(expected, overLeft);
        Assert.Equal(expected, overRight);
        Assert.Equal(Enumerable.Range(1, count), left);
    }

    [Fact]
    public void Combine_ReducerWithStateOverLargeElements_UsesThatState()
    {
        ReduceKernel kernel = ReduceTable.ForReducer<Large, AddWeighted>();
        Assert.True(kernel.IsCommutative);
        Assert.Equal(5000, kernel.ElementSize);
        var reducer = new AddWeighted(10);
        Large[] left = [new() { First = 1, Last = 2 }, new() { First = 3, Last = 4 }];
        Large[] right = [new() { First = 5, Last = 6 }, new() { First = 7, Last = 8 }];
        fixed (Large* l = left, r = right)
        {
            kernel.Combine(&reducer, (byte*)l, (byte*)r, (byte*)l, 2);
        }

        Assert.Equal([15, 26, 37, 48], left.SelectMany(v => new[] { v.First, v.Last }));
    }

    [Fact]
    public void Combine_MoreElementsThanASpanHolds_CallsAgain()
    {
        ReduceKernel kernel = ReduceTable.ForReducer<byte, Count>();
        var reducer = default(Count);
        nuint count = unchecked((nuint)((2L * int.MaxValue) + 5));

        // Addresses that nobody reads.
        kernel.Combine(&reducer, (byte*)0x10000, (byte*)0x7000_0000_0000, (byte*)0x7000_0000_0000, count);
        Assert.Equal(3, reducer.Calls);
        Assert.Equal((long)count, reducer.Elements);
        Assert.Equal(int.MaxValue, reducer.Longest);
    }

    [Fact]
    public void Combine_ReducerThatThrows_LetsItThrough()
    {
        ReduceKernel kernel = ReduceTable.ForReducer<int, Thrower>();
        int left = 1, right = 2;
        InvalidOperationException? caught = null;
        try
        {
            Thrower reducer = default;
            kernel.Combine(&reducer, (byte*)&left, (byte*)&right, (byte*)&left, 1);
        }
        catch (InvalidOperationException error)
        {
            caught = error;
        }

        Assert.Equal("mine", caught?.Message);
        Assert.Equal(1, left);
    }
}
