using System.Numerics;
using RdmaCollectives.Numerics;
using RdmaCollectives.Reduction;
using BFloat16 = RdmaCollectives.Numerics.BFloat16;

namespace RdmaCollectives.Tests.Reduction;

/// <summary>Sums of random values against double arithmetic, held to the bound of docs/numerics.md, in the three kinds of order that algorithms have.</summary>
public unsafe class AccuracyTests(ITestOutputHelper output)
{
    private const int Seed = 20_270_131;
    private const int Count = 5000;

    private delegate T[] Order<T>(T[][] inputs, ReduceKernel kernel);

    [Theory]
    [InlineData(DataType.Float32)]
    [InlineData(DataType.Float16)]
    [InlineData(DataType.BFloat16)]
    [InlineData(DataType.Float8E4M3)]
    [InlineData(DataType.Float8E5M2)]
    public void Sum_RandomValuesInEveryOrder_StaysWithinTheBound(DataType type)
    {
        output.WriteLine($"seed {Seed}");
        switch (type)
        {
            case DataType.Float32: Check(24, float.Epsilon, 1e6, v => (float)v, v => v); break;
            case DataType.Float16: Check(11, (double)Half.Epsilon, 65504, v => (Half)v, v => (double)v); break;
            case DataType.BFloat16: Check(8, BFloat16.Epsilon, 1e6, v => (BFloat16)(float)v, v => v); break;
            case DataType.Float8E4M3: Check(4, Float8E4M3.Epsilon, 448, v => (Float8E4M3)v, v => v); break;
            default: Check(3, Float8E5M2.Epsilon, 57344, v => (Float8E5M2)v, v => v); break;
        }
    }

    private void Check<T>(int significantBits, double smallest, double largest, Func<double, T> round, Func<T, double> value)
        where T : unmanaged
    {
        var rng = new Random(Seed);
        double u = Math.Pow(2, -significantBits), worst = 0;
        foreach (int ranks in (int[])[2, 3, 4, 5, 6, 7, 8, 12, 16, 33])
        {
            // No sum reaches the largest value, nor the rounding of one; a third of the inputs is tiny, so that subnormal numbers and cancellation take part.
            T[][] inputs = [.. Enumerable.Range(0, ranks).Select(_ => Enumerable.Range(0, Count).Select(_ =>
                round(((2 * rng.NextDouble()) - 1) * (rng.Next(3) == 0 ? 1000 * smallest : largest / (2 * ranks)))).ToArray())];
            int start = rng.Next(ranks);
            (string Name, int Depth, Order<T> Reduce)[] orders =
            [
                ("rank order", ranks - 1, (i, kernel) => InTurn(i, 0, kernel)),
                ("ring", ranks - 1, (i, kernel) => InTurn(i, start, kernel)),
                ("fixed tree", BitOperations.Log2((uint)((2 * ranks) - 1)), FixedTree),
            ];
            foreach ((string name, int depth, Order<T> reduce) in orders)
            {
                ReduceKernel kernel = ReduceTable.Get<T>(ReduceOp.Average);
                T[] sums = reduce(inputs, kernel);
                T[] averages = [.. sums];
                fixed (T* a = averages)
                {
                    kernel.Finish((byte*)a, Count, ranks);
                }

                double factor = Math.Pow(1 + u, depth) - 1;
                for (int i = 0; i < Count; i++)
                {
                    double exact = inputs.Sum(input => value(input[i])), magnitudes = inputs.Sum(input => Math.Abs(value(input[i])));
                    double error = Math.Abs(value(sums[i]) - exact), bound = factor * magnitudes;
                    Assert.True(error <= bound, $"{name}, {ranks} ranks, element {i}: the sum {sums[i]} is off by {error}, more than {bound}");
                    worst = Math.Max(worst, bound == 0 ? 0 : error / bound);

                    double quotient = Math.Abs(value(sums[i])) / ranks;
                    double averageError = Math.Abs(value(averages[i]) - (exact / ranks));
                    double averageBound = (bound / ranks) + (quotient * (u + Math.Pow(2, -24))) + (smallest / 2);
                    Assert.True(averageError <= averageBound, $"{name}, {ranks} ranks, element {i}: the average {averages[i]} is off by {averageError}, more than {averageBound}");
                }
            }
        }

        output.WriteLine($"the worst sum used {worst:P0} of the bound");
        Assert.InRange(worst, 0.25, 1); // a bound that nothing comes near would show nothing
    }

    /// <summary>One rank after the other, as along a ring, from <paramref name="start"/> on.</summary>
    private static T[] InTurn<T>(T[][] inputs, int start, ReduceKernel kernel)
        where T : unmanaged
    {
        T[] total = inputs[start];
        for (int i = 1; i < inputs.Length; i++)
        {
            total = Combine(total, inputs[(start + i) % inputs.Length], kernel);
        }

        return total;
    }

    /// <summary>The tree of the bit-exact mode.</summary>
    private static T[] FixedTree<T>(T[][] inputs, ReduceKernel kernel)
        where T : unmanaged
    {
        int extra = inputs.Length - (1 << BitOperations.Log2((uint)inputs.Length));
        List<T[]> values = [];
        for (int i = 0; i < extra; i++)
        {
            values.Add(Combine(inputs[2 * i], inputs[(2 * i) + 1], kernel));
        }

        values.AddRange(inputs[(2 * extra)..]);
        while (values.Count > 1)
        {
            values = [.. values.Chunk(2).Select(pair => Combine(pair[0], pair[1], kernel))];
        }

        return values[0];
    }

    private static T[] Combine<T>(T[] left, T[] right, ReduceKernel kernel)
        where T : unmanaged
    {
        var result = new T[left.Length];
        fixed (T* l = left, r = right, d = result)
        {
            kernel.Combine(null, (byte*)l, (byte*)r, (byte*)d, (nuint)left.Length);
        }

        return result;
    }
}
