using RdmaCollectives.Tests.Execution;

namespace RdmaCollectives.Tests.Communicators;

/// <summary>Two rows and three columns over six ranks, at work side by side; what one of them suffers is not seen in the others.</summary>
public sealed class SeveralCommunicatorsTests
{
    private const int Columns = 3;
    private static readonly CommunicatorOptions Options = new() { ChunkBytes = 4096, Timeout = TimeSpan.FromSeconds(20), JoinTimeout = TimeSpan.FromSeconds(20) };

    [Fact]
    public void AllReduce_OverRowsThenColumns_IsTheSumOfAll()
    {
        using var grid = Grid.Create();
        grid.Run((world, row, column) =>
        {
            for (int count = 1; count < 10_000; count = (3 * count) + 1)
            {
                int[] values = [.. Enumerable.Range(0, count).Select(i => (1 << (4 * world.Rank)) + i)];
                row.AllReduce(values.AsSpan(), ReduceOp.Sum);
                int shift = world.Rank / Columns * 12;
                Assert.All(values.Index(), v => Assert.Equal((0x111 << shift) + (3 * v.Index), v.Item));
                column.AllReduce(values.AsSpan(), ReduceOp.Sum);
                Assert.All(values.Index(), v => Assert.Equal(0x111111 + (6 * v.Index), v.Item));
            }
        });
    }

    [Fact]
    public void AllReduceAsync_OnBothInAnotherOrderOnEachRank_AllComplete()
    {
        using var grid = Grid.Create();
        grid.Run((world, row, column) =>
        {
            var random = new Random(world.Rank); // the order differs; what is expected does not
            for (int repeat = 0; repeat < 50; repeat++)
            {
                int[][] values = [.. Enumerable.Range(0, 3).Select(_ => new int[1 + (repeat * 97)])];
                Array.ForEach(values, v => Array.Fill(v, 1 << (4 * world.Rank)));
                Communicator[] communicators = [row, column, world];
                int[] order = [0, 1, 2];
                random.Shuffle(order);
                var pending = new ValueTask[3];
                foreach (int i in order)
                {
                    pending[i] = communicators[i].AllReduceAsync(values[i].AsMemory(), ReduceOp.Sum);
                }

                foreach (ValueTask task in pending)
                {
                    Assert.Null(Deadline.Wait(task));
                }

                Assert.All(values[0], v => Assert.Equal(0x111 << (world.Rank / Columns * 12), v));
                Assert.All(values[1], v => Assert.Equal(0x1001 << (world.Rank % Columns * 4), v));
                Assert.All(values[2], v => Assert.Equal(0x111111, v));
            }
        });
    }

    [Fact]
    public void Abort_OfARow_LeavesTheOtherRowTheColumnsAndTheWorldAtWork()
    {
        using var grid = Grid.Create();
        grid.Rows[1].Abort();
        grid.Run((world, row, column) =>
        {
            int[] values = [1 << (4 * world.Rank)];
            if (world.Rank < Columns)
            {
                Assert.Equal(Error.Aborted, Assert.Throws<CommunicatorFaultException>(() => row.AllReduce(values.AsSpan(), ReduceOp.Sum)).Reason);
                values = [1 << (4 * world.Rank)];
            }
            else
            {
                row.AllReduce(values.AsSpan(), ReduceOp.Sum);
                Assert.Equal(0x111000, values[0]);
                values = [1 << (4 * world.Rank)];
            }

            column.AllReduce(values.AsSpan(), ReduceOp.Sum);
            Assert.Equal(0x1001 << (world.Rank % Columns * 4), values[0]);
            values = [1 << (4 * world.Rank)];
            world.AllReduce(values.AsSpan(), ReduceOp.Sum);
            Assert.Equal(0x111111, values[0]);
        });
    }

    [Fact]
    public void Abort_OfTheWorld_LeavesRowsAndColumnsAtWork()
    {
        using var grid = Grid.Create();
        grid.World[4].Abort();
        grid.Run((world, row, column) =>
        {
            int[] values = [1 << (4 * world.Rank)];
            Assert.Equal(Error.Aborted, Assert.Throws<CommunicatorFaultException>(() => world.AllReduce(values.AsSpan(), ReduceOp.Sum)).Reason);
            values = [1 << (4 * world.Rank)];
            row.AllReduce(values.AsSpan(), ReduceOp.Sum);
            column.AllReduce(values.AsSpan(), ReduceOp.Sum);
            Assert.Equal(0x111111, values[0]);
            using Communicator partOfRow = row.Split(row.Rank % 2, 0)!;
            values = [1 << row.Rank];
            partOfRow.AllReduce(values.AsSpan(), ReduceOp.Sum);
            Assert.Equal(row.Rank == 1 ? 0b010 : 0b101, values[0]);
        });
    }

    [Fact]
    public void Mismatch_InARow_NamesBothCallsThereAndIsNothingElsewhere()
    {
        using var grid = Grid.Create();
        grid.Run((world, row, column) =>
        {
            int[] values = new int[world.Rank == 1 ? 5 : 4];
            if (world.Rank < Columns)
            {
                CollectiveException e = Assert.ThrowsAny<CollectiveException>(() => row.AllReduce(values.AsSpan(), ReduceOp.Sum));
                Assert.Equal(Error.Mismatch, e.Error);
            }

            int[] sums = [1 << (4 * world.Rank)];
            column.AllReduce(sums.AsSpan(), ReduceOp.Sum);
            Assert.Equal(0x1001 << (world.Rank % Columns * 4), sums[0]);
        });
    }

    [Fact]
    public void Timeout_InAColumn_IsNothingInTheRows()
    {
        using var grid = Grid.Create();
        grid.Run((world, row, column) =>
        {
            int[] values = [1 << (4 * world.Rank)];
            if (world.Rank == 0)
            {
                // Rank 3 never makes the call.
                CommunicatorFaultException e = Assert.Throws<CommunicatorFaultException>(() => column.AllReduce(new int[1].AsSpan(), ReduceOp.Sum, new OperationOptions { Deadline = TimeSpan.FromMilliseconds(300) }));
                Assert.Equal(Error.Timeout, e.Reason);
                Assert.Contains("rank 1", e.Message, StringComparison.Ordinal); // of the column
            }

            row.AllReduce(values.AsSpan(), ReduceOp.Sum);
            Assert.Equal(0x111 << (world.Rank / Columns * 12), values[0]);
        });
    }

    private sealed class Grid : IDisposable
    {
        private readonly LocalGroup _group;

        private Grid(LocalGroup group)
        {
            _group = group;
            Rows = new Communicator[group.Count];
            Cols = new Communicator[group.Count];
            group.Run(world =>
            {
                Rows[world.Rank] = world.Split(world.Rank / Columns, 0)!;
                Cols[world.Rank] = world.Split(world.Rank % Columns, 0)!;
            });
        }

        public LocalGroup World => _group;

        public Communicator[] Rows { get; }

        public Communicator[] Cols { get; }

        public static Grid Create() => new(Communicator.CreateLocalGroup(2 * Columns, Options));

        public void Run(Action<Communicator, Communicator, Communicator> body) => _group.Run(world => body(world, Rows[world.Rank], Cols[world.Rank]));

        public void Dispose()
        {
            Array.ForEach(Rows, row => row.Dispose());
            _group.Dispose();
            Array.ForEach(Cols, column => column.Dispose());
        }
    }
}
