namespace RdmaCollectives.Tool.Launching;

/// <summary>The command line that starts this program again with the same arguments.</summary>
internal static class ThisProgram
{
    public static IReadOnlyList<string> Again()
    {
        string[] line = Environment.GetCommandLineArgs();
        string program = Environment.ProcessPath ?? line[0];

        // Under "dotnet rdmacc.dll" the process is dotnet, and the first word is the assembly.
        bool isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        return isHost ? [program, .. line] : [program, .. line[1..]];
    }
}
