using System.CommandLine;
using RdmaCollectives.Tool.CommandLine;
using RdmaCollectives.Tool.Launching;

namespace RdmaCollectives.Tool.Commands;

/// <summary><c>--bind</c> of the commands that start ranks.</summary>
internal static class BindOption
{
    private static readonly string[] s_words = ["none", "core", "share"];

    public static Option<BindMode?> Make(string description) => OptionKinds.Word<BindMode>("--bind", [], description, s_words, "none, those of the launcher", static text => text.ToUpperInvariant() switch
    {
        "NONE" => BindMode.None,
        "CORE" => BindMode.Core,
        "SHARE" => BindMode.Share,
        _ => null,
    });
}
