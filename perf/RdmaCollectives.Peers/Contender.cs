namespace RdmaCollectives.Peers;

/// <summary>One who takes part in a comparison: the command that measures it and prints a JSON line per size.</summary>
/// <param name="Name">In tables and legends.</param>
/// <param name="Transport">What its lines must say.</param>
/// <param name="Command">Program and arguments.</param>
/// <param name="Environment">Variables set for it besides the caller's.</param>
internal sealed record Contender(string Name, string Transport, IReadOnlyList<string> Command, IReadOnlyList<(string Name, string Value)> Environment)
{
    /// <summary>The command as one types it, without this machine's folders.</summary>
    public string CommandLine => string.Join(' ', Environment.Select(pair => $"{pair.Name}={pair.Value}").Concat(Command.Select((word, i) => i == 0 || word.Contains("/artifacts/", StringComparison.Ordinal) ? Path.GetFileName(word) : word)));
}

/// <summary>Who is compared with whom, and with which settings.</summary>
internal sealed class Contenders(Settings settings)
{
    public const string OpenMpi = "Open MPI";
    public const string Arrays = "ours, arrays";
    public const string Allocated = "ours, Allocate";

    /// <summary>All-reduce in shared memory.</summary>
    public IReadOnlyList<Contender> SharedMemory(int ranks) =>
    [
        new(OpenMpi, "mpi", [.. Mpi(ranks), settings.MpiProgram, .. SizeOptions(settings.Sizes)], []),
        new(Arrays, "shm", Ours(ranks, "array", settings.Sizes), []),
        new(Allocated, "shm", Ours(ranks, "allocate", settings.Sizes), []),
    ];

    /// <summary>The same program of ours under different settings of the .NET runtime; a variable overrides what the program was built with.</summary>
    public IReadOnlyList<Contender> RuntimeSettings() =>
    [
        Runtime("`TieredCompilation=false`", []),
        Runtime("the defaults of .NET", [("DOTNET_TieredCompilation", "1")]),
        Runtime("`TieredPGO=false`", [("DOTNET_TieredCompilation", "1"), ("DOTNET_TieredPGO", "0")]),
        Runtime("`TieredCompilation=false`, `ServerGarbageCollector=true`", [("DOTNET_gcServer", "1")]),
    ];

    private Contender Runtime(string name, (string Name, string Value)[] environment) => new(name, "shm", Ours(2, "array", settings.FewSizes), environment);

    private string[] Ours(int ranks, string buffers, SizeRange sizes) =>
        [settings.Tool, "perf", "all_reduce", "--ranks", $"{ranks}", "--transport", "shm", "--buffers", buffers, "--in-place", "no", .. SizeOptions(sizes), "--json", "-"];

    private string[] SizeOptions(SizeRange sizes) =>
        ["-b", $"{sizes.Begin}", "-e", $"{sizes.End}", "-f", $"{sizes.Factor}", "-n", $"{settings.Calls}", "-w", $"{Settings.Warmups}"];

    /// <summary>Its shared memory transport and nothing else. A rank for each processor is bound to it; where there are more ranks they are not bound and yield while they wait, without which a call takes milliseconds.</summary>
    private static string[] Mpi(int ranks)
    {
        string[] common = ["mpirun.openmpi", "--allow-run-as-root", "-n", $"{ranks}", "--mca", "pml", "ob1", "--mca", "btl", "vader,self"];
        return ranks <= Environment.ProcessorCount
            ? [.. common, "--bind-to", "core"]
            : [.. common, "--oversubscribe", "--bind-to", "none", "--mca", "mpi_yield_when_idle", "1"];
    }
}
