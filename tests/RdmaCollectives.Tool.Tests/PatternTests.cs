using RdmaCollectives.Tool.Perf;

namespace RdmaCollectives.Tool.Tests;

/// <summary>That "0 wrong" means something: the pattern agrees with a correct reduction, and with no other.</summary>
public unsafe class PatternTests
{
    private const int Bytes = 40_000; // several periods, and no whole number of them

    [Theory]
    [MemberData(nameof(Reductions))]
    public void CountWrong_CorrectReduction_IsZeroAndEachWrongElementCounts(DataType type, string name, int ranks)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(ranks);
        PerfReduction reduction = PerfReduction.Parse(name)!.Value;
        PerfCollective allReduce = PerfCollectives.Find("all_reduce")!;
        group.Run(communicator =>
        {
            using var send = new PerfBuffer(communicator, BufferKind.Array, Bytes);
            using var receive = new PerfBuffer(communicator, BufferKind.Array, Bytes);
            using var one = new PerfCase(communicator, TestOptions.With(type, reduction), new PerfRun(allReduce, null), Bytes, Forms.OutOfPlace, send, receive);
            int size = type.ElementSize();
            var whole = new Piece(0, one.Total, Piece.Reduction, 0);
            for (int round = 0; round < 3; round++)
            {
                var pattern = new Pattern(type, reduction, communicator.Rank, communicator.WorldSize, round);
                pattern.Fill(send.Address, one.Total);
                receive.Fill(Pattern.Poison, Bytes);
                Assert.Equal(one.Total, pattern.CountWrong(receive.Address, whole));
                one.Call();
                Assert.Equal(0, pattern.CountWrong(receive.Address, whole));

                receive.Address[Bytes - 1] ^= 1; // one bit of the last element, and of the first
                receive.Address[0] ^= 1;
                Assert.Equal(2, pattern.CountWrong(receive.Address, whole));
                Assert.Equal(1, pattern.CountWrong(receive.Address, new Piece(1, one.Total - 1, Piece.Reduction, 1)));
                Assert.Equal(0, pattern.CountWrong(receive.Address, new Piece(1, one.Total - 2, Piece.Reduction, 1)));
            }

            Assert.Equal(Bytes / size, one.Total);
        });
    }

    [Theory]
    [InlineData(DataType.Float32)]
    [InlineData(DataType.Int8)]
    public void CountWrong_ResultOfAnotherRoundRankOrPlace_IsWrong(DataType type)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(1);
        using var buffer = new PerfBuffer(group[0], BufferKind.Array, Bytes);
        int elements = Bytes / type.ElementSize();
        new Pattern(type, null, 0, 2, round: 0).Fill(buffer.Address, elements);
        Assert.Equal(0, new Pattern(type, null, 1, 2, round: 0).CountWrong(buffer.Address, new Piece(0, elements, Source: 0, First: 0)));
        Assert.True(new Pattern(type, null, 1, 2, round: 1).CountWrong(buffer.Address, new Piece(0, elements, Source: 0, First: 0)) > elements / 2);
        Assert.True(new Pattern(type, null, 1, 2, round: 0).CountWrong(buffer.Address, new Piece(0, elements, Source: 1, First: 0)) > elements / 2);
        Assert.True(new Pattern(type, null, 1, 2, round: 0).CountWrong(buffer.Address, new Piece(0, elements, Source: 0, First: 1)) > elements / 2);
    }

    public static TheoryData<DataType, string, int> Reductions()
    {
        var data = new TheoryData<DataType, string, int>();
        foreach (DataType type in Enum.GetValues<DataType>())
        {
            foreach (string name in PerfReduction.Names.Where(name => PerfReduction.Parse(name)!.Value.Op.AppliesTo(type)))
            {
                foreach (int ranks in (int[])[1, 2, 3, 5])
                {
                    data.Add(type, name, ranks);
                }
            }
        }

        return data;
    }
}
