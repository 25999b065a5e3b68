using System.Diagnostics;

namespace RdmaCollectives.Samples.Tests;

internal sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    public override string ToString() => $"exit code {ExitCode}\n--- output\n{Output}\n--- error\n{Error}";
}

/// <summary>Starts the programs that lie beside this one in the build's output, each with a deadline.</summary>
internal static class Programs
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(150);

    /// <summary>artifacts/bin/PROJECT/CONFIGURATION, with the configuration of this assembly.</summary>
    public static string PathOf(string project, string program)
    {
        var here = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        string path = Path.Combine(here.Parent!.Parent!.FullName, project, here.Name, program);
        Assert.True(File.Exists(path), $"{path} does not exist: build {project} first.");
        return path;
    }

    public static async Task<ProgramResult> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} still ran after {Deadline.TotalSeconds} s.\n{await output}\n{await error}");
        }

        return new ProgramResult(process.ExitCode, await output, await error);
    }
}
