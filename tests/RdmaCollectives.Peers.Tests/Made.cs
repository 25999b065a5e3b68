namespace RdmaCollectives.Peers.Tests;

/// <summary>Results with times that a test says.</summary>
internal static class Made
{
    public static readonly Case OneCase = new(Case.SharedMemory, 2, "all_reduce");

    public static Contender Peer(string name, string setting = "") => new(name, "mpi", [name], []) { Role = Role.Peer, Setting = setting };

    public static Contender Ours(string name = Contenders.Arrays) => new(name, "shm", [name], []);

    /// <summary>A run that took so many microseconds at 8, 64, ... bytes.</summary>
    public static SortedDictionary<long, Measured> Run(params double[] times)
    {
        SortedDictionary<long, Measured> run = [];
        long bytes = 8;
        foreach (double time in times)
        {
            run.Add(bytes, new Measured { Collective = "all_reduce", Bytes = bytes, Ranks = 2, Transport = "mpi", TimeUs = new MeasuredTimes { First = 1000, Median = time }, BusbwGBps = 1, Wrong = 0 });
            bytes *= 8;
        }

        return run;
    }

    /// <summary>A comparison of one peer with ours, at one size, over some rounds.</summary>
    public static Result Result(Case one, double peer, double arrays, double allocated)
    {
        var comparison = new Comparison([Peer(PeerList.OpenMpi), Ours(), Ours(Contenders.Allocated)], one);
        comparison.Add([Run(peer), Run(arrays), Run(allocated)]);
        return new Result(comparison, []);
    }

    public static Settings Settings() => new()
    {
        Root = "/checkout",
        Rounds = 5,
        Trials = 2,
        Transports = [Case.SharedMemory],
        Ranks = [2],
        Collectives = ["all_reduce"],
        Sizes = new SizeRange(8, 512, 8),
        Calls = 40,
    };
}
