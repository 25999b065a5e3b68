using FsCheck.Fluent;
using RdmaCollectives.Planning;
using RdmaCollectives.Schedules;

namespace RdmaCollectives.Tests.Planning;

public sealed class LayoutTests
{
    /// <summary>Round by round and chunk by chunk the elements follow each other without a gap, every message fits a slot, and scratch memory suffices.</summary>
    [Fact]
    public void Locate_BufferWithoutBlocks_CoversEveryElementOnceInOrder() => FsCheck.Check.One(
        FsCheck.Config.QuickThrowOnFailure.WithMaxTest(500),
        Prop.ForAll(Shapes(), shape =>
        {
            (int count, int size, int chunks, int slot) = shape;
            Layout layout = Of((ulong)count, size, chunks, slot);
            ulong next = 0;
            for (int round = 0; round < layout.Rounds; round++)
            {
                for (int chunk = 0; chunk < chunks; chunk++)
                {
                    layout.Locate(StepBuffer.Input, round, chunk, out ulong first, out ulong elements);
                    if (elements == 0)
                    {
                        continue;
                    }

                    Assert.Equal(next, first);
                    Assert.InRange(elements * (ulong)size, 1u, (ulong)slot);
                    AssertScratchHolds(layout, round, chunk, elements);
                    next += elements;
                }
            }

            Assert.Equal((ulong)count, next);
        }));

    /// <summary>Blocks of any sizes at any places: every element of every block once, none outside, and both ends of a message agree on its size.</summary>
    [Fact]
    public void Locate_BlocksOfDifferentSizes_CoversEveryBlockOnce() => FsCheck.Check.One(
        FsCheck.Config.QuickThrowOnFailure.WithMaxTest(300),
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            int ranks = random.Next(1, 10);
            int pieces = random.Next(1, 4);
            int size = random.GetItems([1, 4, 12], 1)[0];
            var sizes = new BlockSizes(ranks);
            ulong end = 0;
            foreach (int rank in Enumerable.Range(0, ranks).OrderBy(_ => random.Next()))
            {
                sizes.ReceiveCounts[rank] = sizes.SendCounts[rank] = (ulong)(random.Next(3) == 0 ? 0 : random.Next(5000));
                sizes.ReceiveOffsets[rank] = end + (ulong)random.Next(10);
                end = sizes.ReceiveOffsets[rank] + sizes.ReceiveCounts[rank];
            }

            var layouts = new Layout[ranks];
            for (int rank = 0; rank < ranks; rank++)
            {
                layouts[rank] = new Layout(new PlanKey(CollectiveKind.AllGather, size, 0, 0, PlanDemands.VariableBlocks), rank, ranks, ranks * pieces, 1, 4096);
                layouts[rank].Fit(sizes);
            }

            for (int block = 0; block < ranks; block++)
            {
                ulong next = sizes.ReceiveOffsets[block];
                for (int round = 0; round < layouts[0].Rounds; round++)
                {
                    for (int piece = 0; piece < pieces; piece++)
                    {
                        int chunk = (block * pieces) + piece;
                        layouts[0].Locate(StepBuffer.Output, round, chunk, out ulong first, out ulong received);
                        layouts[block].Locate(StepBuffer.Input, round, chunk, out ulong sentFrom, out ulong sent);
                        Assert.Equal(sent, received);
                        if (received == 0)
                        {
                            continue;
                        }

                        Assert.Equal(next, first);
                        Assert.Equal(first - sizes.ReceiveOffsets[block], sentFrom);
                        Assert.InRange(received * (ulong)size, 1u, 4096u);
                        AssertScratchHolds(layouts[0], round, chunk, received);
                        next += received;
                    }
                }

                Assert.Equal(sizes.ReceiveOffsets[block] + sizes.ReceiveCounts[block], next);
            }
        }));

    [Fact]
    public void Locate_OfNothing_IsOneRoundOfEmptyChunks()
    {
        Layout layout = Of(0, 4, 6, 4096);
        Assert.Equal(1, layout.Rounds);
        for (int chunk = 0; chunk < 6; chunk++)
        {
            layout.Locate(StepBuffer.Output, 0, chunk, out _, out ulong elements);
            Assert.Equal(0u, elements);
        }
    }

    [Theory]
    [InlineData(1ul << 33, 8, 3, 131072)]
    [InlineData((1ul << 40) + 12345, 1, 7, 8388608)]
    [InlineData(ulong.MaxValue / 2, 1, 1 << 20, 1 << 23)]
    public void Locate_MoreElementsThanThirtyTwoBitsCount_EndsWithTheLastElement(ulong count, int size, int chunks, int slot)
    {
        Layout layout = Of(count, size, chunks, slot);
        ulong end = 0;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            layout.Locate(StepBuffer.Input, layout.Rounds - 1, chunk, out ulong first, out ulong elements);
            end = elements > 0 ? first + elements : end;
        }

        Assert.Equal(count, end);
        layout.Locate(StepBuffer.Input, layout.Rounds - 2, chunks - 1, out ulong lastFull, out ulong full);
        layout.Locate(StepBuffer.Input, layout.Rounds - 1, 0, out ulong next, out _);
        Assert.Equal(lastFull + full, next);
    }

    /// <summary>A message of several chunks shares the slot among them, and goes round at the end of the plane.</summary>
    [Fact]
    public void LocateRange_SeveralChunks_IsTheirSumAndInOnePieceUnlessItWraps()
    {
        var layout = new Layout(new PlanKey(CollectiveKind.AllReduce, 4, 1000, 0), rank: 0, ranks: 4, chunkCount: 4, messageChunks: 2, slotBytes: 4096);
        Assert.True(layout.LocateRange(StepBuffer.Input, 0, 1, 2, out ulong first, out ulong count));
        layout.Locate(StepBuffer.Input, 0, 1, out ulong firstOfOne, out ulong one);
        layout.Locate(StepBuffer.Input, 0, 2, out _, out ulong two);
        Assert.Equal((firstOfOne, one + two), (first, count));
        Assert.False(layout.LocateRange(StepBuffer.Input, 0, 3, 2, out _, out _));
        Assert.Equal(0, layout.Next(3, 1));
        Assert.Equal(4, layout.Next(7, 1)); // in the second plane of scratch
    }

    [Fact]
    public void Layout_MoreRoundsThanAnIntCounts_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>("elementCount", () => Of(ulong.MaxValue, 1, 1, 4096));

    [Theory]
    [InlineData(1, 4097)]
    [InlineData(4, 1025)]
    public void Layout_ElementLargerThanItsShareOfAMessage_IsRefusedWithTheRemedy(int messageChunks, int elementSize)
    {
        var error = Assert.Throws<ArgumentException>("elementSize", () => new Layout(new PlanKey(CollectiveKind.AllReduce, elementSize, 1, 0), 0, 4, 4, messageChunks, 4096));
        Assert.Contains($"RDMACC_CHUNK_BYTES to {elementSize * messageChunks}", error.Message, StringComparison.Ordinal);
    }

    private static Layout Of(ulong count, int size, int chunks, int slot) => new(new PlanKey(CollectiveKind.AllReduce, size, count, 0), rank: 0, ranks: 4, chunks, messageChunks: 1, slot);

    private static void AssertScratchHolds(Layout layout, int round, int chunk, ulong elements)
    {
        layout.Locate(StepBuffer.Scratch, round, chunk, out ulong first, out ulong count);
        Assert.Equal(elements, count);
        Assert.True(first + count <= layout.ScratchElements);
    }

    private static FsCheck.Arbitrary<(int Count, int Size, int Chunks, int Slot)> Shapes() => Arb.From(
        from count in Gen.Choose(0, 100_000)
        from size in Gen.Elements(1, 2, 4, 8, 12, 100, 4096)
        from chunks in Gen.Choose(1, 40)
        from slot in Gen.Elements(4096, 4160, 131072)
        select (count, size, chunks, slot));
}
