using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using RdmaCollectives.Reduction;

namespace RdmaCollectives.Benchmarks;

/// <summary>
/// The table of docs/numerics.md: every type with sum and maximum, beside a copy and beside System.Numerics.Tensors. BenchmarkDotNet measures one case after the other; here every round measures
/// all of them in turn, and ratios are taken within a round, so that they hold on a machine that is not quiet.
/// </summary>
internal static unsafe class KernelTable
{
    private const int Rounds = 41;
    private const int BytesPerSample = 8 << 20;

    private static readonly int[] ByteCounts = [64 << 10, 1 << 20];
    private static readonly ReduceOp[] Operators = [ReduceOp.Sum, ReduceOp.Max];

    public static void Print()
    {
        double[][][] rates = [.. ByteCounts.Select(Measure)];
        Console.WriteLine("| | " + string.Join(" | ", ByteCounts.SelectMany(size => Operators.Select(op => $"{op.ShortName()}, {Text(size)} | of float"))) + " |");
        Console.WriteLine("|---|" + string.Concat(Enumerable.Repeat("---:|", 4 * ByteCounts.Length)));
        Row("memcpy", rates.Select(size => size[0]).SelectMany(copy => Operators.Select(_ => copy)), rates);
        DataType[] types = Enum.GetValues<DataType>();
        for (int i = 0; i < types.Length; i++)
        {
            int first = 1 + (i * Operators.Length);
            Row(types[i].ShortName(), rates.SelectMany(size => Operators.Select((_, op) => size[first + op])), rates);
        }

        Row("TensorPrimitives, float", rates.SelectMany(size => size[^4..^2]), rates);
        Row("TensorPrimitives, int32", rates.SelectMany(size => size[^2..]), rates);
    }

    /// <summary>GB/s of each case (copy, then types by operators, then TensorPrimitives) in each round.</summary>
    private static double[][] Measure(int byteCount)
    {
        byte* left = Filled(byteCount, seed: 1), right = Filled(byteCount, seed: 2);
        List<Action> cases = [() => Buffer.MemoryCopy(left, right, byteCount, byteCount)];
        foreach (DataType type in Enum.GetValues<DataType>())
        {
            foreach (ReduceOp op in Operators)
            {
                ReduceKernel kernel = ReduceTable.Get(type, op);
                nuint count = (nuint)(byteCount / kernel.ElementSize);
                cases.Add(() => kernel.Combine(null, left, right, right, count));
            }
        }

        int n = byteCount / 4;
        cases.Add(() => TensorPrimitives.Add<float>(new ReadOnlySpan<float>(left, n), new ReadOnlySpan<float>(right, n), new Span<float>(right, n)));
        cases.Add(() => TensorPrimitives.Max<float>(new ReadOnlySpan<float>(left, n), new ReadOnlySpan<float>(right, n), new Span<float>(right, n)));
        cases.Add(() => TensorPrimitives.Add<int>(new ReadOnlySpan<int>(left, n), new ReadOnlySpan<int>(right, n), new Span<int>(right, n)));
        cases.Add(() => TensorPrimitives.Max<int>(new ReadOnlySpan<int>(left, n), new ReadOnlySpan<int>(right, n), new Span<int>(right, n)));

        double[][] rates = [.. cases.Select(_ => new double[Rounds])];
        for (int round = -1; round < Rounds; round++)
        {
            for (int i = 0; i < cases.Count; i++)
            {
                // In place, a sum grows until an addend no longer counts; every sample starts from the same numbers.
                Fill(new Span<byte>(right, byteCount), seed: 2);
                cases[i]();
                long start = Stopwatch.GetTimestamp();
                for (int bytes = 0; bytes < BytesPerSample; bytes += byteCount)
                {
                    cases[i]();
                }

                if (round >= 0)
                {
                    rates[i][round] = BytesPerSample / Stopwatch.GetElapsedTime(start).TotalNanoseconds;
                }
            }
        }

        NativeMemory.AlignedFree(left);
        NativeMemory.AlignedFree(right);
        return rates;
    }

    /// <summary>One line: for each size and operator the median rate, and the median over the rounds of its ratio to the kernel for float.</summary>
    private static void Row(string name, IEnumerable<double[]> cells, double[][][] rates)
    {
        int column = 0;
        var line = new List<string> { name };
        foreach (double[] cell in cells)
        {
            int floatCase = 1 + ((int)DataType.Float32 * Operators.Length) + (column % Operators.Length);
            double[] beside = rates[column / Operators.Length][floatCase];
            line.Add(Median(cell).ToString("F1", CultureInfo.InvariantCulture));
            line.Add(Median([.. cell.Zip(beside, (rate, floats) => rate / floats)]).ToString("F2", CultureInfo.InvariantCulture));
            column++;
        }

        Console.WriteLine($"| {string.Join(" | ", line)} |");
    }

    private static byte* Filled(int byteCount, int seed)
    {
        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)byteCount, 64);
        Fill(new Span<byte>(memory, byteCount), seed);
        return memory;
    }

    /// <summary>Bytes that make small numbers of both signs in every float type.</summary>
    private static void Fill(Span<byte> memory, int seed)
    {
        new Random(seed).NextBytes(memory);
        TensorPrimitives.BitwiseAnd<byte>(memory, 0x8F, memory);
        TensorPrimitives.BitwiseOr<byte>(memory, 0x30, memory);
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private static string Text(int byteCount) => byteCount < 1 << 20 ? $"{byteCount >> 10} KiB" : $"{byteCount >> 20} MiB";
}
