using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>Several communicators over verbs: two pairs of four hosts, and two pairs across them.</summary>
public sealed class SplitTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public void Split_OfFourHosts_ReducesOverVerbsSideBySideAndFailsApart()
    {
        using WorkerGroup group = WorkerGroup.Start("verbs", 4, SoftRoceHosts.HostPerRank);
        Assert.All(group.Tell(rank => $"split row world {rank / 2} 0", Deadline).Index(), Is(rank => $"ok {rank % 2} of 2, verbs to rank {1 - (rank % 2)} ({SoftRoceHosts.Gid(rank + 1)}"));
        Assert.All(group.Tell(rank => $"split column world {rank % 2} {-rank}", Deadline).Index(), Is(rank => $"ok {1 - (rank / 2)} of 2, verbs to rank {rank / 2} ({SoftRoceHosts.Gid(rank + 1)}"));
        string[] orders = ["row column world", "world row column", "column world row", "world column row"];
        string[] answers = group.Tell(rank => $"side-by-side 5 {1 << rank} {orders[rank]}", Deadline);
        Assert.Equal(["ok 3 5 15", "ok 15 3 10", "ok 5 15 12", "ok 15 10 12"], answers);

        group.Kill(3);
        Assert.All((int[])[0, 1], rank => group.Send(rank, $"sum row {1 << rank}"));
        Assert.All((int[])[0, 1], rank => Assert.Equal("ok 3", group.Read(rank, Deadline)));
        group.Send(2, "sum row 4");
        Assert.StartsWith("fail CommunicatorFaultException[PeerDied, rank -1, peer 1]", group.Read(2, Bound), StringComparison.Ordinal);
        Assert.All((int[])[0, 2], rank => group.Send(rank, $"sum column {1 << rank}"));
        Assert.All((int[])[0, 2], rank => Assert.Equal("ok 5", group.Read(rank, Deadline)));
        group.Send(1, "sum column 2");
        Assert.StartsWith("fail CommunicatorFaultException[PeerDied, rank -1, peer 0]", group.Read(1, Bound), StringComparison.Ordinal);
    }

    [Fact]
    public void Split_ManyTimes_LeavesNoThreadDescriptorOrMapping()
    {
        using WorkerGroup group = WorkerGroup.Start("verbs", 2, SoftRoceHosts.HostPerRank);
        Assert.All(group.Tell("leftovers 10", Deadline), answer => Assert.Equal("ok 0 0 0", answer));
    }

    private static Action<(int Index, string Item)> Is(Func<int, string> beginning) => answer => Assert.StartsWith(beginning(answer.Index), answer.Item, StringComparison.Ordinal);
}
