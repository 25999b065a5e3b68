using System.Collections.Concurrent;
using System.Diagnostics;

namespace RdmaCollectives.Testing;

/// <summary>N ranks as real processes, driven line by line over their standard streams. Every wait has a deadline; a rank that says nothing, or ends, is named.</summary>
public sealed class WorkerGroup : IDisposable
{
    /// <summary>For ranks to start and join: four of them, emulated, on a busy machine, are slow.</summary>
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(180);

    /// <summary>For tests that count allocated bytes: code that is compiled again while it runs makes the count noisy.</summary>
    public static readonly (string Name, string Value) CompiledOnce = ("DOTNET_TieredCompilation", "0");

    private readonly RendezvousServer? _server;
    private readonly Process[] _processes;
    private readonly BlockingCollection<string>[] _lines;

    private WorkerGroup(RendezvousServer? server, Process[] processes)
    {
        _server = server;
        _processes = processes;
        _lines = [.. processes.Select(_ => new BlockingCollection<string>())];
        for (int rank = 0; rank < processes.Length; rank++)
        {
            BlockingCollection<string> lines = _lines[rank];
            processes[rank].OutputDataReceived += (_, e) => lines.Add(e.Data ?? "<end of output>");
            processes[rank].BeginOutputReadLine();
        }
    }

    public int Count => _processes.Length;

    /// <summary>What each rank said when it was ready: its transports.</summary>
    public string[] Transports { get; private set; } = [];

    /// <summary>Starts ranks and waits until all are ready.</summary>
    /// <param name="transport">What RDMACC_TRANSPORTS says.</param>
    /// <param name="ranks">How many.</param>
    /// <param name="environment">More variables, by rank.</param>
    /// <param name="starter">Words in front of the worker's path, by rank: a program that starts it.</param>
    public static WorkerGroup Start(string transport, int ranks, Func<int, IEnumerable<(string Name, string Value)>>? environment = null, Func<int, IReadOnlyList<string>>? starter = null)
    {
        WorkerGroup group = Launch(transport, ranks, environment, starter);
        try
        {
            group.Transports = group.ReadAll(StartDeadline);
            for (int rank = 0; rank < ranks; rank++)
            {
                if (!group.Transports[rank].StartsWith("ready", StringComparison.Ordinal))
                {
                    throw new InvalidOperationException($"Rank {rank} did not join: {group.Transports[rank]}");
                }
            }

            return group;
        }
        catch
        {
            group.Dispose();
            throw;
        }
    }

    /// <summary>Starts ranks and returns at once.</summary>
    public static WorkerGroup Launch(string transport, int ranks, Func<int, IEnumerable<(string Name, string Value)>>? environment = null, Func<int, IReadOnlyList<string>>? starter = null)
    {
        string secret = RendezvousServer.CreateSecret();
        RendezvousServer? server = ranks > 1 ? RendezvousServer.Start(new RendezvousServerOptions { WorldSize = ranks, Secret = secret, JoinTimeout = StartDeadline }) : null;
        Process[] processes = [.. Enumerable.Range(0, ranks).Select(rank => StartOne(rank, ranks, transport, server, secret, environment?.Invoke(rank) ?? [], starter?.Invoke(rank) ?? []))];
        return new WorkerGroup(server, processes);
    }

    /// <summary>A program of another project: it lies beside the test's own folder, in PROJECT/CONFIGURATION.</summary>
    public static string PathOf(string project, string program)
    {
        string here = AppContext.BaseDirectory;
        string path = Path.GetFullPath(Path.Combine(here, "../..", project, Path.GetFileName(Path.TrimEndingDirectorySeparator(here)), program));
        return File.Exists(path) ? path : throw new FileNotFoundException($"{program} is not built: {path}.", path);
    }

    /// <summary>Tells every rank the same, and returns their answers by rank.</summary>
    public string[] Tell(string command, TimeSpan deadline) => Tell(_ => command, deadline);

    public string[] Tell(Func<int, string> command, TimeSpan deadline)
    {
        for (int rank = 0; rank < Count; rank++)
        {
            Send(rank, command(rank));
        }

        return ReadAll(deadline);
    }

    public void Send(int rank, string command)
    {
        _processes[rank].StandardInput.WriteLine(command);
        _processes[rank].StandardInput.Flush();
    }

    /// <summary>The next line of a rank.</summary>
    /// <exception cref="TimeoutException">It said nothing in time.</exception>
    public string Read(int rank, TimeSpan deadline) => _lines[rank].TryTake(out string? line, deadline)
        ? line
        : throw new TimeoutException($"Rank {rank} (process {_processes[rank].Id}) said nothing for {deadline.TotalSeconds:0.#} s.");

    /// <summary>SIGKILL.</summary>
    public void Kill(int rank) => _processes[rank].Kill();

    /// <summary>Sends a signal by its name, such as STOP.</summary>
    public void Signal(int rank, string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{_processes[rank].Id}"]);
        kill.WaitForExit();
    }

    public int ProcessId(int rank) => _processes[rank].Id;

    public void Dispose()
    {
        foreach (Process process in _processes)
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            process.WaitForExit(5000);
            process.Dispose();
        }

        _server?.Dispose();
    }

    private static Process StartOne(int rank, int ranks, string transport, RendezvousServer? server, string secret, IEnumerable<(string Name, string Value)> environment, IReadOnlyList<string> starter)
    {
        string[] words = [.. starter, PathOf("RdmaCollectives.Worker", "RdmaCollectives.Worker")];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("RDMACC_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["RDMACC_RANK"] = $"{rank}";
        start.Environment["RDMACC_WORLD_SIZE"] = $"{ranks}";
        start.Environment["RDMACC_TRANSPORTS"] = transport;
        start.Environment["RDMACC_JOIN_TIMEOUT"] = $"{StartDeadline.TotalSeconds - 10}";
        start.Environment["RDMACC_TIMEOUT"] = "60";
        if (server is not null)
        {
            start.Environment["RDMACC_RENDEZVOUS"] = $"{server.EndPoint}";
            start.Environment["RDMACC_SECRET"] = secret;
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private string[] ReadAll(TimeSpan deadline)
    {
        long start = Stopwatch.GetTimestamp();
        var answers = new string[Count];
        for (int rank = 0; rank < Count; rank++)
        {
            TimeSpan left = deadline - Stopwatch.GetElapsedTime(start);
            answers[rank] = Read(rank, left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }

        return answers;
    }
}
