using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>The matrix over real processes: started once per (transport, rank count), each case one result.</summary>
public sealed class AllReduceMatrixTests(RankGroups groups) : IClassFixture<RankGroups>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static TheoryData<string, int, string> Cases()
    {
        var data = new TheoryData<string, int, string>();
        foreach (string transport in (string[])["shm", "tcp"])
        {
            foreach (int ranks in (int[])[1, 2, 3, 4, 5, 8])
            {
                foreach (CollectiveCase row in ranks is 2 or 5 ? MatrixCases.AllReduces : MatrixCases.SomeAllReduces)
                {
                    data.Add(transport, ranks, row.ToString());
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AllReduce_BetweenProcesses_IsExact(string transport, int ranks, string row) =>
        Assert.All(groups.Get(transport, ranks).Tell($"case {row}", Deadline), answer => Assert.Equal($"ok {row}", answer));
}
