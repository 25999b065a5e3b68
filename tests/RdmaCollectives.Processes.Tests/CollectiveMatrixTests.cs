using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>Every call by every algorithm, pairwise with all else, over real processes: started once per (transport, rank count), each case one result.</summary>
public sealed class CollectiveMatrixTests(RankGroups groups) : IClassFixture<RankGroups>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static TheoryData<string, int, string> Cases()
    {
        var data = new TheoryData<string, int, string>();
        foreach ((string transport, int ranks) in ((string, int)[])[("shm", 2), ("shm", 3), ("shm", 8), ("tcp", 2), ("tcp", 5), (RankGroups.Mixed, 4), (RankGroups.Mixed, 6)])
        {
            foreach (CollectiveCase row in MatrixCases.Collectives)
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
