using RdmaCollectives.Topology;

namespace RdmaCollectives.Tests.Topology;

/// <summary>Who competes with a rank for its processors: that decides whether its waits spin.</summary>
public sealed class RivalsTests
{
    private static readonly Guid s_here = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    private static readonly Guid s_there = new(2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    [Fact]
    public void RivalsOf_UnboundRanks_AreAllOfTheHost() =>
        Assert.Equal(3, Hello.RivalsOf(0, [At(s_here, 7), At(s_here, 7), At(s_there, 7), At(s_here, 7)]));

    [Fact]
    public void RivalsOf_BoundRanks_AreThoseOfTheSameProcessors()
    {
        Hello[] hellos = [At(s_here, 1), At(s_here, 2), At(s_here, 2), At(s_there, 1)];
        Assert.Equal([1, 2, 2, 1], Enumerable.Range(0, hellos.Length).Select(rank => Hello.RivalsOf(rank, hellos)));
    }

    [Fact]
    public void Hash_OfAStatus_IsThatOfTheMaskAlone()
    {
        uint both = AllowedProcessors.Hash(["Name:\trank", "Cpus_allowed:\t3", "Cpus_allowed_list:\t0-1"]);
        Assert.Equal(both, AllowedProcessors.Hash(["Name:\tother", "Cpus_allowed:\t3"]));
        Assert.NotEqual(both, AllowedProcessors.Hash(["Name:\trank", "Cpus_allowed:\t2"]));
        Assert.Equal(0u, AllowedProcessors.Hash(["Name:\trank"]));
        Assert.NotEqual(0u, AllowedProcessors.Hash());
    }

    private static Hello At(Guid host, uint processors) => new(4096, 4, 2, 15, host, 1, Processors: processors);
}
