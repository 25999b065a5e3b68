namespace RdmaCollectives.Tests.Execution;

/// <summary>Who may call, with what, and what disagreeing ranks are told.</summary>
public sealed class CallTests
{
    private static readonly CommunicatorOptions Options = new() { ChunkBytes = 4096, Timeout = TimeSpan.FromSeconds(20) };

    [Fact]
    public void AllReduce_WhileAnotherThreadIsInside_IsInvalidOperationBeforeAnythingIsSent()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        int[] values = [1];
        Task<Exception?> inside = Deadline.Start(() => group[0].AllReduce(values.AsSpan(), ReduceOp.Sum));
        Thread.Sleep(50);
        Assert.Throws<InvalidOperationException>(() => group[0].AllReduce(new int[5].AsSpan(), ReduceOp.Max));
        Assert.Throws<InvalidOperationException>(() => { _ = group[0].AllReduceAsync(new int[5].AsMemory(), ReduceOp.Max); });
        group[1].AllReduce(new int[] { 2 }.AsSpan(), ReduceOp.Sum);
        Assert.Null(Deadline.Wait(inside));
        Assert.Equal(3, values[0]);
        group.Run(communicator => communicator.AllReduce(new int[5].AsSpan(), ReduceOp.Max));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public unsafe void AllReduce_OfNothing_TakesNullPointersAndStillMeets(int ranks)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(ranks, Options);
        group.Run(communicator =>
        {
            communicator.AllReduce(Span<float>.Empty, ReduceOp.Sum);
            communicator.AllReduce(ReadOnlySpan<float>.Empty, Span<float>.Empty, ReduceOp.Average);
            communicator.AllReduce(null, null, 0, DataType.Float64, ReduceOp.Max);
            Assert.Null(Deadline.Wait(communicator.AllReduceAsync(Memory<int>.Empty, ReduceOp.Sum)));
        });
    }

    [Fact]
    public unsafe void AllReduce_WrongArguments_AreArgumentExceptionsAndNoFault()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        group.Run(communicator =>
        {
            int[] values = new int[10];
            Assert.Throws<ArgumentException>("receive", () => communicator.AllReduce<int>(values.AsSpan(0, 3), values.AsSpan(4, 4), ReduceOp.Sum));
            Assert.Throws<ArgumentException>("receive", () => communicator.AllReduce<int>(values.AsSpan(0, 5), values.AsSpan(3, 5), ReduceOp.Sum));
            Assert.Throws<ArgumentNullException>("send", () => communicator.AllReduce(null, (void*)4096, 1, DataType.Int32, ReduceOp.Sum));
            Assert.Throws<ArgumentNullException>("receive", () => communicator.AllReduce((void*)4096, null, 1, DataType.Int32, ReduceOp.Sum));
            Assert.Throws<ArgumentOutOfRangeException>("elementCount", () => communicator.AllReduce((void*)4096, (void*)4096, nuint.MaxValue / 2, DataType.Int32, ReduceOp.Sum));
            Assert.Throws<ArgumentOutOfRangeException>("elementCount", () => communicator.AllReduce((void*)4096, (void*)4096, (nuint)nint.MaxValue, DataType.Int8, ReduceOp.Sum)); // more rounds than there are numbers
            Assert.Throws<ArgumentException>(() => communicator.AllReduce(new char[1].AsSpan(), ReduceOp.Sum));
            communicator.AllReduce(values.AsSpan(), ReduceOp.Sum);
        });
    }

    public static TheoryData<string> Disagreements() => ["count", "type", "op", "large count", "order"];

    [Theory]
    [MemberData(nameof(Disagreements))]
    public void AllReduce_RanksDisagree_EveryRankIsToldBothCalls(string about)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        var errors = new Exception?[2];
        group.Run(communicator =>
        {
            bool differs = communicator.Rank == 1;
            errors[communicator.Rank] = Record.Exception(() =>
            {
                switch (about)
                {
                    case "count":
                        communicator.AllReduce(new int[differs ? 8 : 7].AsSpan(), ReduceOp.Sum);
                        break;
                    case "type" when differs:
                        communicator.AllReduce(new float[7].AsSpan(), ReduceOp.Sum);
                        break;
                    case "op":
                        communicator.AllReduce(new int[7].AsSpan(), differs ? ReduceOp.Max : ReduceOp.Sum);
                        break;
                    case "large count":
                        communicator.AllReduce(new int[differs ? 7 : 100_000].AsSpan(), ReduceOp.Sum);
                        break;
                    case "order" when differs:
                        communicator.AllReduce(new int[100_000].AsSpan(), ReduceOp.Sum);
                        communicator.AllReduce(new int[7].AsSpan(), ReduceOp.Sum);
                        break;
                    case "order":
                        communicator.AllReduce(new int[7].AsSpan(), ReduceOp.Sum);
                        communicator.AllReduce(new int[100_000].AsSpan(), ReduceOp.Sum);
                        break;
                    default:
                        communicator.AllReduce(new int[7].AsSpan(), ReduceOp.Sum);
                        break;
                }
            });
        });
        for (int rank = 0; rank < 2; rank++)
        {
            var mismatch = Assert.IsType<CollectiveMismatchException>(errors[rank]);
            Assert.Contains($"rank {rank} is in #1 AllReduce(", mismatch.Message, StringComparison.Ordinal);
            Assert.Contains($"rank {1 - rank} is in #1 AllReduce(", mismatch.Message, StringComparison.Ordinal);
            Assert.Equal(errors[0]!.Message, mismatch.Message);
            Assert.Equal((mismatch.PeerCall, mismatch.OwnCall), (((CollectiveMismatchException)errors[1 - rank]!).OwnCall, ((CollectiveMismatchException)errors[1 - rank]!).PeerCall));
            Assert.Equal(Error.Mismatch, Assert.Throws<CommunicatorFaultException>(() => group[rank].AllReduce(new int[7].AsSpan(), ReduceOp.Sum)).Reason);
        }
    }

    /// <summary>Small goes directly, large around the ring; both must give one answer, whatever the operands are.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    public void AllReduce_NaNPayloadsAndSignedZeros_AreTheSameBitsOnEveryRank(int ranks)
    {
        uint[] specials = [0x7fc00001, 0xffc12345, 0x7f812345, 0xff800001, 0x80000000, 0x00000000, 0x7f800000, 0xff800000, 0x00000001, 0x3f800000];
        using LocalGroup group = Communicator.CreateLocalGroup(ranks, Options);
        foreach (int count in (int[])[1000, 40009])
        {
            foreach (ReduceOp op in (ReduceOp[])[ReduceOp.Sum, ReduceOp.Product, ReduceOp.Min, ReduceOp.Max, ReduceOp.Average])
            {
                uint[][] bits = new uint[ranks][];
                group.Run(communicator =>
                {
                    var random = new Random((communicator.Rank * 7919) + count);
                    float[] values = [.. Enumerable.Range(0, count).Select(_ => BitConverter.UInt32BitsToSingle(specials[random.Next(specials.Length)]))];
                    communicator.AllReduce(values.AsSpan(), op);
                    bits[communicator.Rank] = [.. values.Select(BitConverter.SingleToUInt32Bits)];
                });
                Assert.Contains(bits[0], b => float.IsNaN(BitConverter.UInt32BitsToSingle(b)));
                for (int rank = 1; rank < ranks; rank++)
                {
                    Assert.Equal(bits[0], bits[rank]);
                }
            }
        }
    }
}
