using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace RdmaCollectives.Tool.Tests;

/// <summary>What the tool said, and how it ended.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Error)
{
    public string[] OutputLines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public override string ToString() => $"exit code {ExitCode}\n--- output\n{Output}\n--- error\n{Error}";
}

/// <summary>The built tool as a process of its own. Every wait has a deadline; what still runs at the end is killed.</summary>
internal sealed partial class RunningTool : IDisposable
{
    public const int SigInt = 2;
    public const int SigTerm = 15;

    /// <summary>For one run of the tool on a machine that is busy with other things.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly BlockingCollection<string> _lines = [];

    private RunningTool(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Take(e.Data, _output);
        process.ErrorDataReceived += (_, e) => Take(e.Data, _error);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
    }

    public int Id => _process.Id;

    /// <summary>artifacts/bin/PROJECT/CONFIGURATION, with the configuration of this assembly.</summary>
    public static string Path { get; } = FindTool();

    public static ToolResult Run(params string[] arguments) => Run([], arguments);

    public static ToolResult Run((string Name, string Value)[] environment, params string[] arguments)
    {
        using RunningTool tool = Start(environment, arguments);
        return tool.WaitForEnd();
    }

    public static RunningTool Start(params string[] arguments) => Start([], arguments);

    public static RunningTool Start((string Name, string Value)[] environment, params string[] arguments) => StartBehind([], environment, arguments);

    /// <param name="starter">Words in front of the tool: a program that starts it in a surrounding of its own.</param>
    /// <param name="environment">Set for the tool.</param>
    /// <param name="arguments">Of the tool.</param>
    public static RunningTool StartBehind(IReadOnlyList<string> starter, (string Name, string Value)[] environment, params string[] arguments)
    {
        string[] words = [.. starter, Path, .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };

        // The tests may themselves run under a launcher, or on a machine that is configured.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("RDMACC_", StringComparison.Ordinal) || name is "RANK" or "WORLD_SIZE" or "LOCAL_RANK").ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return new RunningTool(Process.Start(start)!);
    }

    /// <summary>The next line of either output that begins so; the rest of it.</summary>
    public string WaitForLine(string beginning)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            foreach (string line in _lines.GetConsumingEnumerable(deadline.Token))
            {
                if (line.StartsWith(beginning, StringComparison.Ordinal))
                {
                    return line[beginning.Length..];
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The deadline: told below, with all that came.
        }

        throw new TimeoutException($"No line '{beginning}...' came in {Deadline.TotalSeconds} s:\n{_output}\n{_error}");
    }

    public ToolResult WaitForEnd()
    {
        if (!_process.WaitForExit(Deadline))
        {
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"rdmacc {string.Join(' ', _process.StartInfo.ArgumentList)} still ran after {Deadline.TotalSeconds} s:\n{_output}\n{_error}");
        }

        _process.WaitForExit(); // until the outputs have been read
        return new ToolResult(_process.ExitCode, _output.ToString(), _error.ToString());
    }

    public void Signal(int signal) => Assert.Equal(0, kill(_process.Id, signal));

    public static void Kill(int process, int signal) => Assert.Equal(0, kill(process, signal));

    /// <summary>Waits until a process is gone, or a zombie that somebody else has to take away.</summary>
    public static void AssertGone(int process)
    {
        var clock = Stopwatch.StartNew();
        while (IsRunning(process))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"Process {process} still runs.");
            Thread.Sleep(20);
        }
    }

    public static bool IsRunning(int process)
    {
        try
        {
            string status = File.ReadAllText($"/proc/{process}/stat");
            return status[status.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        _lines.Dispose();
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int sig);

    private static string FindTool()
    {
        var here = new DirectoryInfo(System.IO.Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        string path = System.IO.Path.Combine(here.Parent!.Parent!.FullName, "RdmaCollectives.Tool", here.Name, "rdmacc");
        return File.Exists(path) ? path : throw new FileNotFoundException($"The tool is not built: {path}.", path);
    }

    private void Take(string? line, StringBuilder all)
    {
        if (line is not null)
        {
            lock (all)
            {
                all.Append(line).Append('\n');
            }

            _lines.Add(line);
        }
    }
}
