namespace RdmaCollectives.Peers;

/// <summary>Who is compared with us, and with which settings: those that the peers document for ranks of one host, and that this machine can run.</summary>
internal sealed class PeerList(Settings settings)
{
    public const string OpenMpi = "Open MPI", Mpich = "MPICH", Gloo = "gloo";

    /// <summary>What Open MPI's HAN has an algorithm for, among the collectives that we compare.</summary>
    private static readonly string[] OfHan = ["all_reduce", "broadcast", "all_gather"];

    /// <summary>gloo has no transport over shared memory, so that it stands beside TCP only; MPICH's one over TCP is not in Debian's package, which is built for UCX.</summary>
    public IReadOnlyList<Peer> For(Case one) => one.Transport == Case.SharedMemory
        ? [new(OpenMpi, [.. OpenMpiSharedMemory(one)]), new(Mpich, [.. MpichSettings(one)])]
        : [new(OpenMpi, [.. OpenMpiTcp(one)]), new(Gloo, [.. GlooSettings(one)])];

    /// <summary>Its transport in shared memory and nothing else; with and without a copy by the kernel from process to process (CMA), and HAN in place of tuned, which is the default.</summary>
    private IEnumerable<Contender> OpenMpiSharedMemory(Case one)
    {
        string[] vader = ["--mca", "btl", "vader,self"];
        string[] copies = [.. vader, "--mca", "btl_vader_single_copy_mechanism", "none"];
        string[] han = [.. vader, "--mca", "coll_han_priority", "100"];
        foreach ((string where, string[] binding) in OpenMpiBindings(one))
        {
            yield return OpenMpiRun(one, $"{where}, tuned, CMA", [.. vader, .. binding]);
            yield return OpenMpiRun(one, $"{where}, tuned, no single copy", [.. copies, .. binding]);
            if (OfHan.Contains(one.Collective, StringComparer.Ordinal))
            {
                yield return OpenMpiRun(one, $"{where}, HAN, CMA", [.. han, .. binding]);
            }
        }
    }

    private IEnumerable<Contender> OpenMpiTcp(Case one) =>
        OpenMpiBindings(one).Select(binding => OpenMpiRun(one, $"{binding.Where}, tuned", ["--mca", "btl", "tcp,self", "--mca", "btl_tcp_if_include", "lo", .. binding.Options]));

    /// <summary>With a processor for each rank, bound to it or not. With more ranks none is bound, and they yield while they wait, without which a call takes milliseconds.</summary>
    private static IEnumerable<(string Where, string[] Options)> OpenMpiBindings(Case one) => one.IsOversubscribed
        ? [("not bound, yielding", ["--oversubscribe", "--bind-to", "none", "--mca", "mpi_yield_when_idle", "1"])]
        : [("bound", ["--bind-to", "core"]), ("not bound", ["--bind-to", "none"])];

    private Contender OpenMpiRun(Case one, string setting, string[] options) =>
        new(OpenMpi, "mpi", ["mpirun.openmpi", "--allow-run-as-root", "-n", $"{one.Ranks}", "--mca", "pml", "ob1", .. options, .. Program("mpi_peer.openmpi", one)], [])
        {
            Role = Role.Peer,
            Setting = setting,
        };

    /// <summary>
    /// Its own way through shared memory, or that of UCX, which can copy from process to process (CMA). Where ranks share processors it is told to yield at once; the one of Debian 12 waits without a
    /// pause all the same, and a call takes a time slice of the scheduler.
    /// </summary>
    private IEnumerable<Contender> MpichSettings(Case one)
    {
        (string, string)[] own = one.IsOversubscribed ? [("MPIR_CVAR_POLLS_BEFORE_YIELD", "1")] : [];
        (string, string)[] ucx = [.. own, ("MPIR_CVAR_NOLOCAL", "1"), ("UCX_TLS", "posix,cma,self")];
        (string Where, string[] Options)[] bindings = one.IsOversubscribed ? [("not bound, yielding", [])] : [("bound", ["-bind-to", "core"]), ("not bound", [])];
        foreach ((string where, string[] binding) in bindings)
        {
            yield return MpichRun(one, $"{where}, ch4's shared memory", binding, own);
            yield return MpichRun(one, $"{where}, UCX, CMA", binding, ucx);
        }
    }

    private Contender MpichRun(Case one, string setting, string[] binding, (string, string)[] environment) =>
        new(Mpich, "mpi", ["mpirun.mpich", "-n", $"{one.Ranks}", .. binding, .. Program("mpi_peer.mpich", one)], environment)
        {
            Role = Role.Peer,
            Setting = setting,
            SecondsPerSize = one.IsOversubscribed ? 4 : 0.5,
        };

    /// <summary>Each way to all-reduce that gloo has; of the others there is one each.</summary>
    private IEnumerable<Contender> GlooSettings(Case one)
    {
        string[] algorithms = one.Collective == "all_reduce" ? ["ring", "bcube", "halving_doubling"] : [""];
        return algorithms.Select(algorithm => new Contender(Gloo, "gloo", [.. Program("gloo_peer", one), "-r", $"{one.Ranks}", .. algorithm.Length > 0 ? new[] { "-a", algorithm } : []], [])
        {
            Role = Role.Peer,
            Setting = algorithm.Length > 0 ? algorithm : "its only way",
        });
    }

    private string[] Program(string name, Case one) => [Path.Combine(settings.PeerPrograms, name), "-c", one.Collective, .. settings.Sizes.Options, .. settings.CallOptions];
}
