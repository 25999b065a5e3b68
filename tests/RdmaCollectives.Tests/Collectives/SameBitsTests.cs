using System.Runtime.InteropServices;
using RdmaCollectives.Schedules;

namespace RdmaCollectives.Tests.Collectives;

/// <summary>Floats of every kind: an all-reduce gives one result on all ranks, whatever the algorithm; in bit-exact mode that of the fixed tree, whatever else.</summary>
public sealed class SameBitsTests(LocalGroups groups) : IClassFixture<LocalGroups>
{
    private const int Count = 5003;

    private static readonly ReduceOp[] Ops = [ReduceOp.Sum, ReduceOp.Product, ReduceOp.Min, ReduceOp.Max, ReduceOp.Average];

    public static TheoryData<string, int> AllReduces()
    {
        var data = new TheoryData<string, int>();
        foreach (ISchedule schedule in ScheduleCatalog.For(CollectiveKind.AllReduce))
        {
            foreach (int ranks in (int[])[2, 3, 5, 8])
            {
                data.Add(schedule.Name, ranks);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(AllReduces))]
    public void AllReduce_AnyBits_AreTheSameOnEveryRank(string algorithm, int ranks)
    {
        var options = new OperationOptions { Algorithm = algorithm };
        foreach (ReduceOp op in Ops)
        {
            AssertSame<float>(ranks, op, options);
            AssertSame<double>(ranks, op, options);
            AssertSame<Half>(ranks, op, options);
        }
    }

    /// <summary>Whole, in parts and element by element; by every algorithm that promises it and by the library's choice; in other chunks and channels; alone or as a part of another collective.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(16)]
    public void BitExact_AnySizePlaceChunkAndChannel_IsTheFixedTree(int ranks)
    {
        foreach ((int chunkBytes, int channels) in ((int, int)[])[(4096, 1), (4160, 3), (131072, 2)])
        {
            using LocalGroup group = Communicator.CreateLocalGroup(ranks, new CommunicatorOptions { ChunkBytes = chunkBytes, Channels = channels, Timeout = TimeSpan.FromSeconds(60) });
            foreach (ReduceOp op in Ops)
            {
                AssertFixedTree<float>(group, op, (a, b) => Combine(op, a, b), a => a / ranks);
                AssertFixedTree<Half>(group, op, (a, b) => (Half)Combine(op, (float)a, (float)b), a => (Half)((float)a / ranks));
            }
        }
    }

    [Fact]
    public void BitExact_OfTheCommunicator_IsThatOfTheCall()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(5, new CommunicatorOptions { BitExact = true });
        group.Run(communicator =>
        {
            float[] values = Input<float>(communicator.Rank);
            float[] byCall = new float[Count];
            communicator.AllReduce<float>(values, byCall, ReduceOp.Sum, new OperationOptions { BitExact = true });
            communicator.AllReduce(values.AsSpan(), ReduceOp.Sum);
            AssertBits(byCall, values, "by the communicator's option");
            Assert.Throws<ArgumentException>("options", () => communicator.AllReduce(values.AsSpan(), ReduceOp.Sum, new OperationOptions { Algorithm = "ring" }));
        });
    }

    private void AssertSame<T>(int ranks, ReduceOp op, OperationOptions options)
        where T : unmanaged
    {
        T[][] results = new T[ranks][];
        groups.Run(ranks, communicator =>
        {
            T[] values = Input<T>(communicator.Rank);
            communicator.AllReduce(values.AsSpan(), op, options);
            results[communicator.Rank] = values;
        });
        for (int rank = 1; rank < ranks; rank++)
        {
            AssertBits(results[0], results[rank], $"{typeof(T).Name} {op} on rank {rank}");
        }
    }

    private static void AssertFixedTree<T>(LocalGroup group, ReduceOp op, Func<T, T, T> combine, Func<T, T> divide)
        where T : unmanaged
    {
        int ranks = group.Count;
        T[][] inputs = [.. Enumerable.Range(0, ranks).Select(Input<T>)];
        T[] expected = [.. Enumerable.Range(0, Count).Select(i => FixedTree.Evaluate(ranks, rank => inputs[rank][i], combine))];
        expected = op == ReduceOp.Average ? [.. expected.Select(divide)] : expected;
        string[] algorithms = [.. ScheduleCatalog.For(CollectiveKind.AllReduce).Where(schedule => schedule.Traits.HasFlag(ScheduleTraits.FixedTree)).Select(schedule => schedule.Name)];
        Assert.NotEmpty(algorithms);
        group.Run(communicator =>
        {
            T[] input = inputs[communicator.Rank];
            foreach (string? algorithm in algorithms.Append(null))
            {
                var options = new OperationOptions { BitExact = true, Algorithm = algorithm };
                foreach ((int begin, int end) in ((int, int)[])[(0, Count), (1, Count - 1), (17, 18), (1000, 3001), (Count - 1, Count)])
                {
                    T[] values = input[begin..end];
                    communicator.AllReduce(values.AsSpan(), op, options);
                    AssertBits(expected[begin..end], values, $"all-reduce by {algorithm ?? "choice"} of {typeof(T).Name} {op}, {begin} to {end}");
                }
            }

            var exact = new OperationOptions { BitExact = true };
            T[] reduced = new T[Count];
            communicator.Reduce<T>(input, reduced, op, ranks / 2, exact);
            AssertBits(communicator.Rank == ranks / 2 ? expected : new T[Count], reduced, $"reduce of {typeof(T).Name} {op}");

            int share = Count / ranks;
            T[] block = new T[share];
            communicator.ReduceScatter<T>(input.AsSpan(0, share * ranks), block, op, exact);
            AssertBits(expected.AsSpan(share * communicator.Rank, share), block, $"reduce-scatter of {typeof(T).Name} {op}");
        });
    }

    // Every NaN that a reduction makes is the one of .NET.
    private static float Combine(ReduceOp op, float a, float b)
    {
        float result = op switch
        {
            ReduceOp.Sum or ReduceOp.Average => a + b,
            ReduceOp.Product => a * b,
            ReduceOp.Min => MathF.Min(a, b),
            _ => MathF.Max(a, b),
        };
        return float.IsNaN(result) ? float.NaN : result;
    }

    // Mostly values of like size, where rounding shows every other order of summation; some of any bits, infinities, zeros of both signs.
    private static T[] Input<T>(int rank)
        where T : unmanaged
    {
        var random = new Random(4711 + rank);
        T[] values = new T[Count];
        for (int i = 0; i < Count; i++)
        {
            values[i] = Value<T>(random);
        }

        return values;
    }

    private static T Value<T>(Random random)
        where T : unmanaged
    {
        double value = random.Next(30) switch
        {
            0 => double.PositiveInfinity,
            1 => double.NegativeInfinity,
            2 => -0.0,
            3 => 0,
            _ => (random.NextDouble() * 4) - 2,
        };
        bool isAnyBits = random.Next(30) == 0;
        if (typeof(T) == typeof(float))
        {
            float bits = isAnyBits ? BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue) | 0x7f000000) : (float)value;
            return MemoryMarshal.Cast<float, T>([bits])[0];
        }

        if (typeof(T) == typeof(Half))
        {
            Half bits = isAnyBits ? BitConverter.UInt16BitsToHalf((ushort)(random.Next(65536) | 0x7c00)) : (Half)value;
            return MemoryMarshal.Cast<Half, T>([bits])[0];
        }

        double wide = isAnyBits ? BitConverter.Int64BitsToDouble(random.NextInt64() | 0x7ff0000000000000) : value;
        return MemoryMarshal.Cast<double, T>([wide])[0];
    }

    private static void AssertBits<T>(ReadOnlySpan<T> expected, ReadOnlySpan<T> found, string what)
        where T : unmanaged
    {
        if (!MemoryMarshal.AsBytes(expected).SequenceEqual(MemoryMarshal.AsBytes(found)))
        {
            int at = MemoryMarshal.AsBytes(expected).CommonPrefixLength(MemoryMarshal.AsBytes(found)) / System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
            Assert.Fail($"{what}: element {at} is {found[at]} ({Convert.ToHexString(MemoryMarshal.AsBytes(found.Slice(at, 1)))}), expected {expected[at]} ({Convert.ToHexString(MemoryMarshal.AsBytes(expected.Slice(at, 1)))}).");
        }
    }
}
