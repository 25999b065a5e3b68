using System.ComponentModel;
using System.Diagnostics;

namespace RdmaCollectives.Peers;

/// <summary>Runs a program to its end, with a deadline; what it prints is kept in files.</summary>
internal static class Subprocess
{
    /// <summary>A run takes seconds; a machine under load some more.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    /// <summary>The lines of its standard output, which are also added to <c>NAME.jsonl</c> in a folder; standard error goes to <c>NAME.log</c>.</summary>
    /// <exception cref="PeersException">It ended with another exit code than 0, or not in time.</exception>
    public static string[] Run(string name, IReadOnlyList<string> command, IReadOnlyList<(string Name, string Value)> environment, string folder)
    {
        string file = Path.Combine(folder, string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')));
        (int exitCode, string output, string error) = Run(command, Deadline, environment);
        File.AppendAllText($"{file}.jsonl", output);
        File.AppendAllText($"{file}.log", error);
        return exitCode == 0
            ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : throw new PeersException($"{name}: exit code {exitCode}; {LastLine(error)} (all of it is in {Path.GetFileName(file)}.log)");
    }

    public static (int ExitCode, string Output, string Error) Run(IReadOnlyList<string> command, TimeSpan deadline, IReadOnlyList<(string Name, string Value)>? environment = null)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach ((string name, string value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(deadline))
            {
                process.Kill(entireProcessTree: true);
                throw new PeersException($"{command[0]}: not finished after {deadline.TotalMinutes} minutes.");
            }

            return (process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
        }
        catch (Win32Exception error)
        {
            throw new PeersException($"{command[0]}: {error.Message}");
        }
    }

    public static string LastLine(string text) => text.Split('\n').LastOrDefault(line => line.Trim().Length > 0)?.Trim() ?? "it said nothing";
}
