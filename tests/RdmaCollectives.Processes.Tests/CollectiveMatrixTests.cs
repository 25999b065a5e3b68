using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>Every call by every algorithm over real processes, pairwise with all else for one rank count of each transport: started once per (transport, rank count), each case one result.</summary>
public sealed class CollectiveMatrixTests(RankGroups groups) : IClassFixture<RankGroups>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static TheoryData<string, int, string> Cases()
    {
        var data = new TheoryData<string, int, string>();
        (string Transport, int Ranks, bool IsWhole)[] all = [("shm", 3, true), ("tcp", 5, true), (RankGroups.Mixed, 6, true), ("shm", 2, false), ("shm", 8, false), ("tcp", 2, false), (RankGroups.Mixed, 4, false)];
        foreach ((string transport, int ranks, bool isWhole) in all)
        {
            foreach (CollectiveCase row in isWhole ? MatrixCases.Collectives : MatrixCases.SomeCollectives)
            {
                data.Add(transport, ranks, row.ToString());
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Call_BetweenProcesses_IsExact(string transport, int ranks, string row) =>
        Assert.All(groups.Get(transport, ranks).Tell($"case {row}", Deadline), answer => Assert.Equal($"ok {row}", answer));
}
