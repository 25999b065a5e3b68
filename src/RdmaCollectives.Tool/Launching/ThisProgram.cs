namespace RdmaCollectives.Tool.Launching;

/// <summary>Command lines that start this program again.</summary>
internal static class ThisProgram
{
    /// <summary>With the same arguments.</summary>
    public static IReadOnlyList<string> Again() => With(Environment.GetCommandLineArgs()[1..]);

    /// <summary>With others.</summary>
    public static IReadOnlyList<string> With(IReadOnlyList<string> arguments)
    {
        string assembly = Environment.GetCommandLineArgs()[0];
        string program = Environment.ProcessPath ?? assembly;

        // Under "dotnet rdmacc.dll" the process is dotnet, and the first word is the assembly.
        bool isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        return isHost ? [program, assembly, .. arguments] : [program, .. arguments];
    }
}
