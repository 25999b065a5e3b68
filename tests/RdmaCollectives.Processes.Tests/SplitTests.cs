using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>Several communicators over real processes: two rows and three columns over six ranks.</summary>
public sealed class SplitTests
{
    private const int Ranks = 6;
    private const int Columns = 3;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>The bound for shm and tcp.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    [InlineData("shm,tcp")]
    public void AllReduce_OverRowsThenColumns_IsExactAlsoSideBySide(string transport)
    {
        using WorkerGroup group = Grid(transport);
        Expect(group, rank => $"sum row {1 << rank}", rank => Text(RowSum(rank)));
        Expect(group, rank => $"sum column {RowSum(rank)}", _ => "63");

        // Each rank begins them in another order.
        string[] names = ["row", "column", "world"];
        Func<int, string>[] sums = [rank => Text(RowSum(rank)), rank => Text(ColumnSum(rank)), _ => "63"];
        Expect(group, rank => $"side-by-side 100 {1 << rank} {string.Join(' ', Order(rank).Select(i => names[i]))}", rank => string.Join(' ', Order(rank).Select(i => sums[i](rank))));
    }

    [Fact]
    public void Split_OverTwoHosts_GetsTheTransportsThatEachPairHas()
    {
        using WorkerGroup group = WorkerGroup.Start("shm,tcp", 4, rank => [("RDMACC_HOST_ID", $"host{rank / 2}")]);
        string[] inside = group.Tell(rank => $"split inside world {rank / 2} 0", Deadline);
        string[] across = group.Tell(rank => $"split across world {rank % 2} {-rank}", Deadline);
        Assert.All(inside, answer => Assert.True(answer.Contains("of 2, shm", StringComparison.Ordinal) && !answer.Contains("tcp", StringComparison.Ordinal), answer));
        Assert.All(across, answer => Assert.True(answer.Contains("of 2, tcp", StringComparison.Ordinal) && !answer.Contains("shm", StringComparison.Ordinal), answer));
        Assert.StartsWith("ok 1 of 2", across[0], StringComparison.Ordinal);
        Expect(group, rank => $"sum inside {1 << rank}", rank => rank < 2 ? "3" : "12");
        Expect(group, rank => $"sum across {1 << rank}", rank => rank % 2 == 0 ? "5" : "10");
        Assert.All(group.Tell(_ => "split none world -1 0", Deadline), answer => Assert.Equal("ok none", answer));
    }

    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void Abort_OfARow_EndsItAndNothingElse(string transport)
    {
        using WorkerGroup group = Grid(transport);
        group.Send(3, "on row mismatch 1000");
        group.Send(4, "on row mismatch 1000");
        Thread.Sleep(300);
        group.Send(5, "on row abort");
        Assert.StartsWith("ok", group.Read(5, Deadline), StringComparison.Ordinal);
        Assert.StartsWith("fail CommunicatorFaultException[Aborted, rank 2, peer 2]", group.Read(3, Bound), StringComparison.Ordinal);
        Assert.StartsWith("fail CommunicatorFaultException[Aborted, rank 2, peer 2]", group.Read(4, Bound), StringComparison.Ordinal);
        Expect(group, rank => $"sum column {1 << rank}", rank => Text(ColumnSum(rank)));
        Expect(group, rank => $"sum world {1 << rank}", _ => "63");
        for (int rank = 0; rank < Columns; rank++)
        {
            group.Send(rank, $"sum row {1 << rank}");
        }

        for (int rank = 0; rank < Columns; rank++)
        {
            Assert.Equal("ok 7", group.Read(rank, Deadline));
        }
    }

    [Theory]
    [InlineData("shm", 4)]
    [InlineData("tcp", 4)]
    [InlineData("tcp", 0)]
    public void Kill_OfARank_FaultsItsRowItsColumnAndTheWorldAndNothingElse(string transport, int victim)
    {
        using WorkerGroup group = Grid(transport);
        int[] survivors = [.. Enumerable.Range(0, Ranks).Where(rank => rank != victim)];
        int[] itsRow = [.. survivors.Where(rank => rank / Columns == victim / Columns)];
        int[] otherRow = [.. survivors.Except(itsRow)];
        int[] itsColumn = [.. survivors.Where(rank => rank % Columns == victim % Columns)];
        int[] otherColumns = [.. survivors.Except(itsColumn)];
        string here = $"fail CommunicatorFaultException[PeerDied, rank -1, peer {victim % Columns}]";

        // In the middle of calls of both rows.
        Array.ForEach([.. itsRow, victim], rank => group.Send(rank, "on row loop 100000"));
        Assert.All(itsRow, rank => Assert.Equal("looping", group.Read(rank, Deadline)));
        Array.ForEach(otherRow, rank => group.Send(rank, $"side-by-side 1000 {1 << rank} row"));
        Thread.Sleep(300);
        group.Kill(victim);
        foreach (int rank in itsRow)
        {
            string answer = group.Read(rank, Bound);
            Assert.StartsWith(here, answer, StringComparison.Ordinal);
            Assert.Contains($"Rank {victim} of the job is rank {victim % Columns} of this communicator", answer, StringComparison.Ordinal);
        }

        Assert.All(otherRow, rank => Assert.Equal($"ok {RowSum(rank)}", group.Read(rank, Deadline)));
        Tell(group, survivors, rank => $"sum world {1 << rank}", _ => $"fail CommunicatorFaultException[PeerDied, rank -1, peer {victim}]");
        Tell(group, itsColumn, rank => $"sum column {1 << rank}", _ => $"fail CommunicatorFaultException[PeerDied, rank -1, peer {victim / Columns}]");
        Tell(group, otherColumns, rank => $"sum column {1 << rank}", rank => $"ok {ColumnSum(rank)}");

        // A world that is at fault cannot be split; a sound row can, although a process of the job is gone.
        Tell(group, survivors, _ => "split again world 0 0", _ => "fail CommunicatorFaultException[PeerDied");
        Tell(group, otherRow, rank => $"split again row {rank % Columns % 2} 0", rank => rank % Columns == 1 ? "ok 0 of 1" : $"ok {rank % Columns / 2} of 2");
        Tell(group, otherRow, rank => $"sum again {1 << rank}", rank => $"ok {(rank % Columns == 1 ? 1 << rank : 0b101 << (rank / Columns * Columns))}");
    }

    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void Kill_OfARankDuringASplit_EndsItOnAllOthers(string transport)
    {
        using WorkerGroup group = WorkerGroup.Start(transport, 3);
        group.Send(0, "split part world 0 0");
        group.Send(1, "split part world 1 0");
        Thread.Sleep(200);
        group.Kill(2);
        Assert.StartsWith("fail CommunicatorFaultException[PeerDied", group.Read(0, Bound), StringComparison.Ordinal);
        Assert.StartsWith("fail CommunicatorFaultException[PeerDied", group.Read(1, Bound), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void Dispose_OfTheWorld_LeavesItsPartsAtWorkAndTheyCanBeSplit(string transport)
    {
        using WorkerGroup group = Grid(transport);
        Expect(group, _ => "dispose world", _ => "");
        Expect(group, rank => $"sum row {1 << rank}", rank => Text(RowSum(rank)));
        Assert.All(group.Tell(rank => $"split pair row {rank % Columns / 2} 0", Deadline), answer => Assert.StartsWith("ok", answer, StringComparison.Ordinal));
        Expect(group, _ => "dispose row", _ => "");
        Expect(group, rank => $"sum pair {1 << rank}", rank => Text(rank % Columns == 2 ? 1 << rank : 0b11 << (rank / Columns * Columns)));
        Expect(group, rank => $"sum column {1 << rank}", rank => Text(ColumnSum(rank)));
        Expect(group, _ => "dispose pair column", _ => "");
        Assert.All(group.Tell("sum row 1", Deadline), answer => Assert.StartsWith("fail ObjectDisposedException", answer, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void Split_FiftyTimes_LeavesNoThreadDescriptorOrMapping(string transport)
    {
        using WorkerGroup group = WorkerGroup.Start(transport, 3);
        Assert.All(group.Tell("leftovers 50", TimeSpan.FromSeconds(120)), answer => Assert.Equal("ok 0 0 0", answer));
    }

    private static WorkerGroup Grid(string transport)
    {
        WorkerGroup group = WorkerGroup.Start(transport, Ranks);
        try
        {
            Assert.All(group.Tell(rank => $"split row world {rank / Columns} 0", Deadline).Index(), answer => Assert.StartsWith($"ok {answer.Index % Columns} of {Columns}", answer.Item, StringComparison.Ordinal));
            Assert.All(group.Tell(rank => $"split column world {rank % Columns} 0", Deadline).Index(), answer => Assert.StartsWith($"ok {answer.Index / Columns} of 2", answer.Item, StringComparison.Ordinal));
            return group;
        }
        catch
        {
            group.Dispose();
            throw;
        }
    }

    private static void Expect(WorkerGroup group, Func<int, string> command, Func<int, string> answer) =>
        Assert.Equal<string[]>([.. Enumerable.Range(0, group.Count).Select(rank => $"ok {answer(rank)}")], group.Tell(command, Deadline));

    private static void Tell(WorkerGroup group, int[] ranks, Func<int, string> command, Func<int, string> beginning)
    {
        Array.ForEach(ranks, rank => group.Send(rank, command(rank)));
        Assert.All(ranks, rank => Assert.StartsWith(beginning(rank), group.Read(rank, Deadline), StringComparison.Ordinal));
    }

    private static int RowSum(int rank) => 0b111 << (rank / Columns * Columns);

    private static int ColumnSum(int rank) => 0b1001 << (rank % Columns);

    private static int[] Order(int rank) => (rank % 3) switch
    {
        0 => [0, 1, 2],
        1 => [1, 2, 0],
        _ => [2, 1, 0],
    };

    private static string Text(int number) => $"{number}";
}
