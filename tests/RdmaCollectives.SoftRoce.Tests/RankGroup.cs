using System.Text.RegularExpressions;
using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>The ranks of one test class, started for its first case: under emulation a start takes seconds.</summary>
public abstract partial class RankGroup(Func<WorkerGroup> start) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    // A start that failed is not tried again by every case.
    private readonly Lazy<WorkerGroup> _ranks = new(start);
    private int _splits;

    internal WorkerGroup Ranks => _ranks.Value;

    /// <summary>Runs one case of the matrix on every rank. Tells the run's report (a line "device: ...") which devices the ranks are connected by.</summary>
    internal void Check(string row, ITestOutputHelper output)
    {
        ShowDevices(output);
        Assert.All(Ranks.Tell($"case {row}", Deadline), answer => Assert.Equal($"ok {row}", answer));
    }

    /// <summary>A communicator of all ranks, to be ended by a test.</summary>
    internal string Split()
    {
        string name = $"split{++_splits}";
        Assert.All(Ranks.Tell(rank => $"split {name} world 0 {rank}", Deadline), answer => Assert.StartsWith("ok ", answer, StringComparison.Ordinal));
        return name;
    }

    /// <summary>The bit-exact sum has the bits of the fixed tree over the ranks.</summary>
    internal void CheckExactSum(ITestOutputHelper output)
    {
        ShowDevices(output);
        foreach (int count in (int[])[1, 40_009])
        {
            string expected = $"ok {ExactSum.Expected(Ranks.Count, count)}";
            Assert.All(Ranks.Tell($"exact-sum {count}", Deadline), answer => Assert.Equal(expected, answer));
        }
    }

    /// <summary>Every rank reaches all others over verbs, by its own device, and by nothing else.</summary>
    internal void AssertVerbsOnly(ITestOutputHelper output, Func<int, int> deviceOfRank)
    {
        ShowDevices(output);
        for (int rank = 0; rank < Ranks.Count; rank++)
        {
            string others = string.Join(", ", Enumerable.Range(0, Ranks.Count).Where(other => other != rank));
            Assert.StartsWith($"ready verbs to rank {others} ({SoftRoceHosts.Gid(deviceOfRank(rank))}", Ranks.Transports[rank], StringComparison.Ordinal);
            Assert.DoesNotContain("|", Ranks.Transports[rank], StringComparison.Ordinal);
        }
    }

    public void Dispose()
    {
        if (_ranks.IsValueCreated)
        {
            _ranks.Value.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    private void ShowDevices(ITestOutputHelper output)
    {
        foreach (string transports in Ranks.Transports)
        {
            if (Device.Match(transports) is { Success: true } device)
            {
                output.WriteLine($"device: {device.Value}");
            }
        }
    }

    [GeneratedRegex(@"rxe\d+r\d+ port \d+ GID index \d+ \S+ \([^)]*\)")]
    private static partial Regex Device { get; }
}
