using System.Reflection;

namespace RdmaCollectives.Tool;

/// <summary>The version of all packages of this project, without the commit that the SDK adds.</summary>
internal static class ToolVersion
{
    public static string Text { get; } = typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
