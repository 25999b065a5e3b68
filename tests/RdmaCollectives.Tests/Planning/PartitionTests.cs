using FsCheck.Fluent;
using RdmaCollectives.Planning;

namespace RdmaCollectives.Tests.Planning;

public sealed class PartitionTests
{
    /// <summary>Round by round and chunk by chunk the elements follow each other without a gap, every message fits a slot, and scratch memory suffices.</summary>
    [Fact]
    public void Locate_AnyPartition_CoversEveryElementOnceInOrder() => FsCheck.Check.One(
        FsCheck.Config.QuickThrowOnFailure.WithMaxTest(500),
        Prop.ForAll(Shapes(), shape =>
        {
            (int count, int size, int chunks, int slot) = shape;
            var partition = new Partition((ulong)count, size, chunks, slot);
            ulong next = 0;
            for (int round = 0; round < partition.Rounds; round++)
            {
                for (int chunk = 0; chunk < chunks; chunk++)
                {
                    partition.Locate(round, chunk, out ulong first, out ulong elements);
                    if (elements == 0)
                    {
                        continue;
                    }

                    Assert.Equal(next, first);
                    Assert.InRange(elements * (ulong)size, 1u, (ulong)slot);
                    Assert.True(partition.LocateScratch(round, chunk) + elements <= partition.ScratchElements);
                    next += elements;
                }
            }

            Assert.Equal((ulong)count, next);
        }));

    [Fact]
    public void Locate_OfNothing_IsOneRoundOfEmptyChunks()
    {
        var partition = new Partition(0, 4, 6, 4096);
        Assert.Equal(1, partition.Rounds);
        for (int chunk = 0; chunk < 6; chunk++)
        {
            partition.Locate(0, chunk, out _, out ulong elements);
            Assert.Equal(0u, elements);
        }
    }

    [Theory]
    [InlineData(1ul << 33, 8, 3, 131072)]
    [InlineData((1ul << 40) + 12345, 1, 7, 8388608)]
    [InlineData(ulong.MaxValue / 2, 1, 1 << 20, 1 << 23)]
    public void Locate_MoreElementsThanThirtyTwoBitsCount_EndsWithTheLastElement(ulong count, int size, int chunks, int slot)
    {
        var partition = new Partition(count, size, chunks, slot);
        ulong end = 0;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            partition.Locate(partition.Rounds - 1, chunk, out ulong first, out ulong elements);
            end = elements > 0 ? first + elements : end;
        }

        Assert.Equal(count, end);
        partition.Locate(partition.Rounds - 2, chunks - 1, out ulong lastFull, out ulong full);
        partition.Locate(partition.Rounds - 1, 0, out ulong next, out _);
        Assert.Equal(lastFull + full, next);
    }

    [Fact]
    public void Partition_MoreRoundsThanAnIntCounts_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>("elementCount", () => new Partition(ulong.MaxValue, 1, 1, 4096));

    [Fact]
    public void Partition_ElementLargerThanAMessage_IsRefusedWithTheRemedy() =>
        Assert.Contains("RDMACC_CHUNK_BYTES", Assert.Throws<ArgumentException>("elementSize", () => new Partition(1, 4097, 1, 4096)).Message, StringComparison.Ordinal);

    private static FsCheck.Arbitrary<(int Count, int Size, int Chunks, int Slot)> Shapes() => Arb.From(
        from count in Gen.Choose(0, 100_000)
        from size in Gen.Elements(1, 2, 4, 8, 12, 100, 4096)
        from chunks in Gen.Choose(1, 40)
        from slot in Gen.Elements(4096, 4160, 131072)
        select (count, size, chunks, slot));
}
