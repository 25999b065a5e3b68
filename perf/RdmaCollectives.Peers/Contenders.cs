namespace RdmaCollectives.Peers;

/// <summary>What of ours is measured, and what memory could do at best.</summary>
internal sealed class Contenders(Settings settings)
{
    public const string Arrays = "ours, arrays";
    public const string Allocated = "ours, Allocate";
    public const string RoofName = "memcpy";

    /// <summary>Fewer timed windows, as each of them is many copies.</summary>
    private const int RoofWindows = 11;

    public IReadOnlyList<Contender> Ours(Case one) =>
    [
        new(Arrays, one.Transport, Ours(one, "array", settings.Sizes), []),
        new(Allocated, one.Transport, Ours(one, "allocate", settings.Sizes), []),
    ];

    /// <summary>The same bytes moved by as many processes at the same time. Over TCP the kernel's way costs more than the copies, so that there it would say nothing.</summary>
    public IReadOnlyList<Contender> Roof(Case one) => one.Transport != Case.SharedMemory ? [] :
    [
        new(RoofName, "memcpy", [Path.Combine(settings.PeerPrograms, "memcpy_roof"), "-r", $"{one.Ranks}", "-c", one.Collective, .. settings.Sizes.Options, "-n", $"{RoofWindows}"], []) { Role = Role.Roof },
    ];

    /// <summary>The same program of ours under different settings of the .NET runtime; a variable overrides what the program was built with.</summary>
    public IReadOnlyList<Contender> RuntimeSettings() =>
    [
        Runtime("`TieredCompilation=false`", []) with { Role = Role.Peer },
        Runtime("the defaults of .NET", [("DOTNET_TieredCompilation", "1")]),
        Runtime("`TieredPGO=false`", [("DOTNET_TieredCompilation", "1"), ("DOTNET_TieredPGO", "0")]),
        Runtime("`TieredCompilation=false`, nothing compiled ahead of time", [("DOTNET_ReadyToRun", "0")]),
        Runtime("`TieredCompilation=false`, `ServerGarbageCollector=true`", [("DOTNET_gcServer", "1")]),
    ];

    private Contender Runtime(string name, (string Name, string Value)[] environment) =>
        new(name, Case.SharedMemory, Ours(Settings.RuntimeCase, "array", settings.FewSizes), environment);

    /// <summary>A broadcast has one buffer, and roots and distances turn where there are any.</summary>
    private string[] Ours(Case one, string buffers, SizeRange sizes)
    {
        string[] form = one.Collective switch
        {
            "broadcast" => ["--rotate"],
            "sendrecv" => ["--in-place", "no", "--rotate"],
            _ => ["--in-place", "no"],
        };
        string[] binding = one.IsOversubscribed ? [] : ["--bind", "core"];
        return [settings.Tool, "perf", one.Collective, "--ranks", $"{one.Ranks}", .. binding, "--transport", one.Transport, "--buffers", buffers, .. form, .. sizes.Options, .. settings.CallOptions, "--json", "-"];
    }
}
