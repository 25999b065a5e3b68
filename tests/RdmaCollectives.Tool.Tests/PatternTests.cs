using RdmaCollectives.Tool.Perf;

namespace RdmaCollectives.Tool.Tests;

/// <summary>That "0 wrong" means something: the pattern agrees with a correct reduction, and with no other.</summary>
public class PatternTests
{
    private const int Bytes = 40_000; // several periods, and no whole number of them

    [Theory]
    [MemberData(nameof(Reductions))]
    public unsafe void CountWrong_CorrectReduction_IsZeroAndEachWrongElementCounts(DataType type, ReduceOp op, int ranks)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(ranks);
        group.Run(communicator =>
        {
            using var send = new PerfBuffer(communicator, BufferKind.Array, Bytes);
            using var receive = new PerfBuffer(communicator, BufferKind.Array, Bytes);
            int size = type.ElementSize();
            for (int round = 0; round < 3; round++)
            {
                var pattern = new Pattern(type, op, communicator.Rank, communicator.WorldSize, round);
                pattern.Fill(send, Bytes);
                receive.Fill(Pattern.Poison, Bytes);
                Assert.Equal(Bytes / size, pattern.CountWrong(receive, Bytes));
                communicator.AllReduce(send.Address, receive.Address, (nuint)(Bytes / size), type, op);
                Assert.Equal(0, pattern.CountWrong(receive, Bytes));

                receive.Slice(Bytes - 1, 1)[0] ^= 1; // one bit of the last element, and of the first
                receive.Slice(0, 1)[0] ^= 1;
                Assert.Equal(2, pattern.CountWrong(receive, Bytes));
            }
        });
    }

    [Theory]
    [InlineData(DataType.Float32)]
    [InlineData(DataType.Int8)]
    public void CountWrong_ResultOfAnotherRound_IsWrong(DataType type)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(1);
        group.Run(communicator =>
        {
            using var buffer = new PerfBuffer(communicator, BufferKind.Array, Bytes);
            new Pattern(type, ReduceOp.Sum, 0, 1, round: 0).Fill(buffer, Bytes);
            int elements = Bytes / type.ElementSize();
            Assert.True(new Pattern(type, ReduceOp.Sum, 0, 1, round: 1).CountWrong(buffer, Bytes) > elements / 2);
        });
    }

    public static TheoryData<DataType, ReduceOp, int> Reductions()
    {
        var data = new TheoryData<DataType, ReduceOp, int>();
        foreach (DataType type in Enum.GetValues<DataType>())
        {
            foreach (ReduceOp op in Enum.GetValues<ReduceOp>().Where(op => op.AppliesTo(type)))
            {
                foreach (int ranks in (int[])[1, 2, 3, 5])
                {
                    data.Add(type, op, ranks);
                }
            }
        }

        return data;
    }
}
