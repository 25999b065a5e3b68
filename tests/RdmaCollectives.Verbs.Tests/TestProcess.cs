using System.Diagnostics;

namespace RdmaCollectives.Verbs.Tests;

internal static class TestProcess
{
    /// <summary>Runs a program to its end; kills it at the deadline.</summary>
    internal static (int ExitCode, string Output) Run(string file, string[] arguments, Dictionary<string, string> environment, TimeSpan timeout)
    {
        ProcessStartInfo start = new(file, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(timeout))
        {
            process.Kill(entireProcessTree: true);
            return (-1, $"no end within {timeout.TotalSeconds} s\n{output.Result}{errors.Result}");
        }
        return (process.ExitCode, output.Result + errors.Result);
    }
}
