using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>Registered memory is locked memory. The limit does not bind root, so ranks run as nobody.</summary>
public sealed class LockedMemoryTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(180);

    [Fact]
    public void Create_WithTooLittleLockedMemoryOnOneRank_TellsLimitNeedAndRemedyAndNobodyHangs()
    {
        using WorkerGroup group = WorkerGroup.Launch("verbs", 2, SoftRoceHosts.HostPerRank, rank =>
            ["/bin/bash", "-c", $"ulimit -l {(rank == 1 ? "64" : "unlimited")}; exec setpriv --reuid 65534 --regid 65534 --clear-groups -- \"$0\" \"$@\""]);
        string limited = group.Read(1, Deadline);
        string other = group.Read(0, Deadline);
        output.WriteLine(limited);
        output.WriteLine(other);
        Assert.StartsWith("fail CollectiveException[Resource, ", limited, StringComparison.Ordinal);
        Assert.Contains("RLIMIT_MEMLOCK) is 64 KiB, this registration needs ", limited, StringComparison.Ordinal);
        Assert.Contains("ulimit -l", limited, StringComparison.Ordinal);
        Assert.StartsWith("fail ", other, StringComparison.Ordinal);
        Assert.Contains("rank 1", other, StringComparison.OrdinalIgnoreCase);
    }
}
