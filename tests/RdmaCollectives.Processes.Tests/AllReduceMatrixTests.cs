using System.Collections.Concurrent;
using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>The matrix over real processes: started once per (transport, rank count), each case one result.</summary>
public sealed class AllReduceMatrixTests(AllReduceMatrixTests.Groups groups) : IClassFixture<AllReduceMatrixTests.Groups>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static TheoryData<string, int, string> Cases()
    {
        var data = new TheoryData<string, int, string>();
        foreach (string transport in (string[])["shm", "tcp"])
        {
            foreach (int ranks in (int[])[1, 2, 3, 4, 5, 8])
            {
                foreach (AllReduceCase row in MatrixCases.All)
                {
                    data.Add(transport, ranks, row.ToString());
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AllReduce_BetweenProcesses_IsExact(string transport, int ranks, string row)
    {
        WorkerGroup group = groups.Get(transport, ranks);
        foreach (string transports in group.Transports)
        {
            Assert.True(ranks == 1 || transports.StartsWith($"ready {transport} ", StringComparison.Ordinal), transports);
        }

        Assert.All(group.Tell($"case {row}", Deadline), answer => Assert.Equal($"ok {row}", answer));
    }

    /// <summary>One group at a time is alive: cases come sorted by group.</summary>
    public sealed class Groups : IDisposable
    {
        private (string Transport, int Ranks) _key;
        private WorkerGroup? _group;

        public WorkerGroup Get(string transport, int ranks)
        {
            if (_group is null || _key != (transport, ranks))
            {
                _group?.Dispose();
                _group = null;
                _group = WorkerGroup.Start(transport, ranks);
                _key = (transport, ranks);
            }

            return _group;
        }

        public void Dispose() => _group?.Dispose();
    }
}
