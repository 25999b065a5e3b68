using RdmaCollectives.Testing;

namespace RdmaCollectives.Tests.Collectives;

/// <summary>The full product of style: ranks x types x operators x counts x in place, inside one process.</summary>
public sealed class LoopbackAllReduceTests
{
    private static readonly ReduceOp[] Ops = [ReduceOp.Sum, ReduceOp.Product, ReduceOp.Min, ReduceOp.Max, ReduceOp.Average];

    /// <summary>0, 1, odd, around the switch of algorithms, over several rounds of a chunk of 4 KiB, not divisible by any rank count.</summary>
    private static readonly int[] Counts = [0, 1, 7, 1031, 8192, 40009];

    public static TheoryData<int, DataType> Product()
    {
        var data = new TheoryData<int, DataType>();
        foreach (int ranks in (int[])[1, 2, 3, 4, 5, 7, 8, 16])
        {
            foreach (DataType type in Enum.GetValues<DataType>())
            {
                data.Add(ranks, type);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Product))]
    public void AllReduce_EveryOperatorCountAndPlacement_IsExact(int ranks, DataType type)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(ranks, new CommunicatorOptions { ChunkBytes = 4096, Timeout = TimeSpan.FromSeconds(60) });
        group.Run(communicator =>
        {
            foreach (ReduceOp op in Ops)
            {
                foreach (int count in Counts)
                {
                    new AllReduceCase(type, op, count, InPlace: false, Allocated: false).Run(communicator);
                    new AllReduceCase(type, op, count, InPlace: true, Allocated: false).Run(communicator);
                }
            }
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void AllReduceAsync_OnEveryRank_IsExact(int ranks)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(ranks, new CommunicatorOptions { ChunkBytes = 4096, Timeout = TimeSpan.FromSeconds(60) });
        group.Run(communicator =>
        {
            foreach (int count in Counts)
            {
                new AllReduceCase(DataType.Float32, ReduceOp.Sum, count, InPlace: false, Allocated: false, Async: true).Run(communicator);
            }
        });
    }
}
