using System.Collections.Concurrent;
using System.Text;
using Microsoft.Win32.SafeHandles;
using RdmaCollectives.Tool.Launching.Interop;

namespace RdmaCollectives.Tool.Launching;

/// <summary>A child that is talked to in lines. Two threads read what it says, so that it never waits for us; every wait of ours has a deadline.</summary>
internal sealed unsafe class PipedProcess : IDisposable
{
    private const int MostErrorCharacters = 16_384;

    /// <summary>What a child has said before its end is read by then.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly StreamWriter _input;
    private readonly BlockingCollection<string> _lines = [];
    private readonly StringBuilder _error = new();
    private readonly Thread _errorReader;

    private PipedProcess(ChildProcess process, int input, int output, int error)
    {
        Process = process;
        _input = new StreamWriter(Open(input, FileAccess.Write)) { AutoFlush = true };
        _errorReader = Begin(() => Read(error, AddError), "rdmacc errors of a child");
        Begin(
            () =>
            {
                Read(output, _lines.Add);
                _lines.CompleteAdding();
            },
            "rdmacc output of a child");
    }

    public ChildProcess Process { get; }

    /// <summary>What it has written to standard error, the first part of much.</summary>
    public string Error
    {
        get
        {
            lock (_error)
            {
                return _error.ToString();
            }
        }
    }

    /// <exception cref="ToolException">There is no such program, it can't be started, or no descriptors are left.</exception>
    public static PipedProcess Start(IReadOnlyList<string> command)
    {
        int* pipes = stackalloc int[6];
        int made = 0;
        while (made < 3 && Libc.pipe2(pipes + (2 * made), Libc.O_CLOEXEC) == 0)
        {
            made++;
        }

        ChildProcess? process = null;
        try
        {
            process = made == 3 ? ChildProcess.Start(command, new Dictionary<string, string?>(StringComparer.Ordinal), pipes[0], pipes[3], pipes[5])
                : throw new ToolException(ExitCode.Failed, $"No descriptors are left for {command[0]}, which needs six: raise the limit (ulimit -n).");
        }
        finally
        {
            // The child's ends in any case; our own, which are at 1, 2 and 4, if nobody takes them.
            for (int end = 0; end < 2 * made; end++)
            {
                _ = process is null || end is 0 or 3 or 5 ? Libc.close(pipes[end]) : 0;
            }
        }

        return new PipedProcess(process, pipes[1], pipes[2], pipes[4]);
    }

    /// <summary>Writes a line; false where nobody reads it any more.</summary>
    public bool Say(string line)
    {
        try
        {
            _input.Write(line + "\n");
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The next line; null when the time is over, or there are no more: it has ended, whatever it has left behind may hold its pipe open.</summary>
    public string? NextLine(DateTime deadline)
    {
        bool hasEnded = false;
        while (true)
        {
            double left = Math.Clamp((deadline - DateTime.UtcNow).TotalMilliseconds, 0, LastWords.TotalMilliseconds);
            if (_lines.TryTake(out string? line, (int)left))
            {
                return line;
            }

            if (hasEnded || _lines.IsCompleted || DateTime.UtcNow >= deadline)
            {
                return null;
            }

            hasEnded = Process.Look(); // once more, for what is in the pipe
        }
    }

    /// <summary>Waits for its end, and a moment for its last words: what it has left behind may hold the pipe of standard error open for ever. Null when the time is over.</summary>
    public ExitStatus? WaitForEnd(DateTime deadline)
    {
        while (!Process.Look())
        {
            if (DateTime.UtcNow >= deadline)
            {
                return null;
            }

            Thread.Sleep(Look);
        }

        _errorReader.Join(LastWords);
        return Process.Status;
    }

    /// <summary>Ends it, with what it has started in its process group.</summary>
    public void Dispose()
    {
        Process.Signal(Libc.SIGKILL);
        Process.Reap();
        try
        {
            _input.Dispose();
        }
        catch (IOException)
        {
            // What was not written concerns nobody any more.
        }
    }

    private static FileStream Open(int descriptor, FileAccess access) => new(new SafeFileHandle(descriptor, ownsHandle: true), access, bufferSize: 4096);

    private static Thread Begin(Action work, string name)
    {
        var thread = new Thread(() => work()) { IsBackground = true, Name = name };
        thread.Start();
        return thread;
    }

    private static void Read(int descriptor, Action<string> take)
    {
        try
        {
            using var reader = new StreamReader(Open(descriptor, FileAccess.Read));
            while (reader.ReadLine() is { } line)
            {
                take(line);
            }
        }
        catch (IOException)
        {
            // As if it had ended.
        }
    }

    private void AddError(string line)
    {
        lock (_error)
        {
            _ = _error.Length < MostErrorCharacters ? _error.Append(line).Append('\n') : _error;
        }
    }
}
