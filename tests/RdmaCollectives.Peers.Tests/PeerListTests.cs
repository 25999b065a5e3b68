namespace RdmaCollectives.Peers.Tests;

public class PeerListTests
{
    private static readonly Settings Defaults = Made.Settings();

    [Theory]
    [InlineData("shm", "Open MPI, MPICH")]
    [InlineData("tcp", "Open MPI, gloo")]
    public void For_ATransport_AreThoseThatHaveIt(string transport, string expected) =>
        Assert.Equal(expected, string.Join(", ", new PeerList(Defaults).For(Made.OneCase with { Transport = transport }).Select(peer => peer.Name)));

    /// <summary>Without it a call takes the time slices of all ranks.</summary>
    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void For_MoreRanksThanProcessors_MpiYields(string transport)
    {
        Contender[] settings = [.. Settings(new Case(transport, Environment.ProcessorCount + 1, "all_reduce")).Where(setting => setting.Transport == "mpi")];
        Assert.NotEmpty(settings);
        Assert.All(settings, setting => Assert.True(setting.Command.Contains("mpi_yield_when_idle", StringComparer.Ordinal) || setting.Environment.Any(pair => pair.Name == "MPIR_CVAR_POLLS_BEFORE_YIELD"), setting.CommandLine));
        Assert.DoesNotContain(settings, setting => setting.CommandLine.Contains("-bind-to core", StringComparison.Ordinal));
    }

    [Fact]
    public void For_AProcessorForEachRank_BoundIsTriedFirst() =>
        Assert.All(new PeerList(Defaults).For(Made.OneCase with { Ranks = 1 }), peer => Assert.StartsWith("bound", peer.Settings[0].Setting, StringComparison.Ordinal));

    /// <summary>All programs get the same sizes and calls, or they would not be compared.</summary>
    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void For_EveryCollective_AllMeasureTheSame(string transport)
    {
        foreach (string collective in Case.Collectives)
        {
            var one = new Case(transport, 4, collective);
            Assert.All(Settings(one).Concat(new Contenders(Defaults).Ours(one)), setting =>
            {
                Assert.Contains(" -b 8 -e 512 -f 8 -n 40 -w 5", setting.CommandLine, StringComparison.Ordinal);
                Assert.Contains(collective, setting.Command, StringComparer.Ordinal);
            });
        }
    }

    [Fact]
    public void Ours_RootsAndDistances_Turn() =>
        Assert.Equal<string>(["broadcast", "sendrecv"], Case.Collectives.Where(name => new Contenders(Defaults).Ours(Made.OneCase with { Collective = name }).All(ours => ours.Command.Contains("--rotate", StringComparer.Ordinal))), StringComparer.Ordinal);

    private static IEnumerable<Contender> Settings(Case one) => new PeerList(Defaults).For(one).SelectMany(peer => peer.Settings);
}
