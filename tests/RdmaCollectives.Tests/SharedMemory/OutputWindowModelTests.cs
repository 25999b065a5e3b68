using RdmaCollectives.Tests.Memory.Model;
using RdmaCollectives.Transports.SharedMemory;

namespace RdmaCollectives.Tests.SharedMemory;

/// <summary>
/// The window, the very code that runs, in every interleaving and with every stale read that <see cref="ModelState"/> admits: an owner opens its output, fences and writes there itself; a peer stores if it may. What
/// the owner wrote must stay.
/// </summary>
public sealed class OutputWindowModelTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public void Window_EveryInterleaving_NothingIsStoredAfterTheFence()
    {
        Explorer.Outcome outcome = Explore(weakened: null);
        output.WriteLine($"{outcome.StateCount} states");
        Assert.Null(outcome.Violation);
    }

    /// <summary>Every barrier, release and acquire of the window is weakened once; those of the owner's fence are the transport's own, and here the owner's.</summary>
    [Fact]
    public void Window_OneFenceLess_IsNoticed()
    {
        Site[] sites = [.. Explore(weakened: null).Sites.Where(static site => site.Kind is OperationKind.Publish or OperationKind.FullBarrier or OperationKind.WriteRelease or OperationKind.ReadAcquire)];
        string[] unnoticed = [.. sites.Where(site => Explore(site).Violation is null).Select(static site => site.ToString()).Order(StringComparer.Ordinal)];

        Assert.Equal(string.Join('\n', OutputWindowProgram.NotNoticeable), string.Join('\n', unnoticed));
        Assert.True(sites.Length > unnoticed.Length);
    }

    private static Explorer.Outcome Explore(Site? weakened)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        return Explorer.Explore(OutputWindowProgram.LocationCount, [new OwningActor(), new StoringActor()], weakened, deadline.Token);
    }
}
