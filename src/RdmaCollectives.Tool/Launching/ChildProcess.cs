using System.Collections;
using System.Runtime.InteropServices;
using RdmaCollectives.Tool.Launching.Interop;

namespace RdmaCollectives.Tool.Launching;

/// <summary>
/// A child in a process group of its own, so that a signal reaches its children too. It stays a zombie until <see cref="Reap"/>: until then the kernel gives its number to nobody else,
/// so a late signal can't hit a stranger.
/// </summary>
internal sealed unsafe class ChildProcess
{
    /// <summary>In the place of a descriptor: /dev/null.</summary>
    public const int Nothing = -1;

    private bool _reaped;

    private ChildProcess(int id) => Id = id;

    public int Id { get; }

    /// <summary>Readable once it has ended; -1 before <see cref="Watch"/>, and where that can't be had.</summary>
    public int EndDescriptor { get; private set; } = -1;

    /// <summary>Set once it has ended and <see cref="Look"/> has seen it.</summary>
    public ExitStatus? Status { get; private set; }

    /// <summary>Starts a program, found as a shell finds it.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="environment">What differs from this process' environment; null takes a variable away.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="output">Its standard output.</param>
    /// <param name="error">Its standard error.</param>
    /// <exception cref="ToolException">There is no such program, or it can't be started.</exception>
    public static ChildProcess Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string?> environment, int input, int output, int error)
    {
        byte* actions = stackalloc byte[Libc.OpaqueBytes];
        byte* attributes = stackalloc byte[Libc.OpaqueBytes];
        byte* signals = stackalloc byte[Libc.OpaqueBytes];
        using var argv = new NativeStrings(command);
        using var envp = new NativeStrings(Merge(environment));

        Libc.posix_spawn_file_actions_init(actions);
        Libc.posix_spawnattr_init(attributes);
        try
        {
            Redirect(actions, input, 0, Libc.O_RDONLY);
            Redirect(actions, output, 1, Libc.O_WRONLY);
            Redirect(actions, error, 2, Libc.O_WRONLY);

            // The runtime ignores SIGPIPE, which a child would inherit. What the user ignores (nohup) stays ignored.
            Libc.sigemptyset(signals);
            Libc.posix_spawnattr_setsigmask(attributes, signals);
            Libc.sigaddset(signals, Libc.SIGPIPE);
            Libc.posix_spawnattr_setsigdefault(attributes, signals);
            Libc.posix_spawnattr_setpgroup(attributes, 0);
            Libc.posix_spawnattr_setflags(attributes, Libc.POSIX_SPAWN_SETPGROUP | Libc.POSIX_SPAWN_SETSIGDEF | Libc.POSIX_SPAWN_SETSIGMASK);

            int id;
            int errno = Libc.posix_spawnp(&id, argv.Pointer[0], actions, attributes, argv.Pointer, envp.Pointer);
            return errno == 0 ? new ChildProcess(id) : throw NotStarted(command[0], errno);
        }
        finally
        {
            Libc.posix_spawnattr_destroy(attributes);
            Libc.posix_spawn_file_actions_destroy(actions);
        }
    }

    /// <summary>Opens <see cref="EndDescriptor"/>. Without (Linux before 5.3, no descriptors left) <see cref="Look"/> has to be asked.</summary>
    public void Watch()
    {
        if (EndDescriptor < 0)
        {
            EndDescriptor = (int)Libc.syscall(Libc.SYS_pidfd_open, Id, 0); // ours, so the number can't change hands in between; not inherited
        }
    }

    /// <summary>Looks whether it has ended; does not wait.</summary>
    public bool Look()
    {
        Libc.siginfo_t info = default;
        if (Status is null && Libc.waitid(Libc.P_PID, (uint)Id, &info, Libc.WEXITED | Libc.WNOHANG | Libc.WNOWAIT) == 0 && info.si_pid == Id)
        {
            Status = new ExitStatus(info.si_status, info.si_code != Libc.CLD_EXITED);
        }

        return Status is not null;
    }

    /// <summary>Sends a signal to it and to whatever it has started in its process group.</summary>
    public void Signal(int signal)
    {
        if (!_reaped)
        {
            _ = Libc.kill(-Id, signal); // nobody left to signal is no failure
        }
    }

    /// <summary>Waits for its end and takes it out of the process table.</summary>
    public void Reap()
    {
        Libc.siginfo_t info = default;
        while (!_reaped && Libc.waitid(Libc.P_PID, (uint)Id, &info, Libc.WEXITED) != 0 && Marshal.GetLastPInvokeError() == Libc.EINTR)
        {
        }

        _reaped = true;
        if (EndDescriptor >= 0)
        {
            _ = Libc.close(EndDescriptor);
            EndDescriptor = -1;
        }
    }

    private static void Redirect(void* actions, int descriptor, int target, int mode) =>
        _ = descriptor == Nothing
            ? Libc.posix_spawn_file_actions_addopen(actions, target, "/dev/null", mode, 0)
            : Libc.posix_spawn_file_actions_adddup2(actions, descriptor, target);

    private static List<string> Merge(IReadOnlyDictionary<string, string?> changes)
    {
        List<string> merged = [];
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (!changes.ContainsKey((string)variable.Key))
            {
                merged.Add($"{variable.Key}={variable.Value}");
            }
        }

        merged.AddRange(changes.Where(change => change.Value is not null).Select(change => $"{change.Key}={change.Value}"));
        return merged;
    }

    private static ToolException NotStarted(string program, int errno) => errno == Libc.ENOENT
        ? new ToolException(ExitCode.NotFound, $"{program}: there is no such program{(program.Contains('/') ? "" : " in PATH; for one in this directory write ./" + program)}.")
        : new ToolException(ExitCode.NotExecutable, $"{program} can't be started: {Marshal.GetPInvokeErrorMessage(errno)}. Is it a program, and executable (chmod +x)?");
}
