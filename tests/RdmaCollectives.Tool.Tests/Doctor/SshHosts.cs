using System.Text.Json;

namespace RdmaCollectives.Tool.Tests.Doctor;

/// <summary>
/// A stand-in for ssh, which starts the command of a host on this machine, each as a host of its own. A fake, as there is neither an ssh server nor another machine; what it replaces, the command line of ssh
/// and its exit code of 255, is checked against the real client where it fails before it connects.
/// </summary>
internal sealed class SshHosts : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rdmacc-ssh-").FullName;

    /// <param name="hosts">Cases of a shell: <c>name) commands ;;</c>. They end with the command in <c>"$@"</c>, or another end.</param>
    public SshHosts(string hosts = "")
    {
        File.WriteAllText(Script, $$"""
            printf '%s|' "$@" >> "{{_folder}}/arguments"; echo >> "{{_folder}}/arguments"
            while [ "$1" = -o ]; do shift 2; done
            host=$1; shift
            export RDMACC_HOST_ID=$host SSH_CONNECTION='127.0.0.1 50000 127.0.0.1 22'
            echo "Good morning from $host."
            set -- sh -c "$*"
            case $host in
            {{hosts}}
            esac
            exec "$@"
            """);
    }

    private string Script => Path.Join(_folder, "ssh");

    /// <summary>A file that hosts may write to.</summary>
    public string Place(string name) => Path.Join(_folder, name);

    /// <summary>What ssh was called with, a line for each call.</summary>
    public string[] Calls => File.ReadAllLines(Place("arguments"));

    public ToolResult Doctor(string hosts, params string[] more) => Doctor([], hosts, more);

    public ToolResult Doctor((string, string)[] environment, string hosts, params string[] more) =>
        RunningTool.Run(environment, ["doctor", "--hosts", hosts, "--ssh", $"sh {Script}", "--remote-program", RunningTool.Path, .. more]);

    public static JsonElement Report(ToolResult run) => JsonDocument.Parse(run.Output).RootElement;

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
