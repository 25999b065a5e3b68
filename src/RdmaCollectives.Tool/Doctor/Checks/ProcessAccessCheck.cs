namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>
/// What ranks of one host may see of each other. They open each other's memfds through /proc/PID/fd, which asks for PTRACE_MODE_READ (proc_pid_fd(5), ptrace(2)): the same user, and not what Yama's
/// ptrace_scope restricts, which is attaching. process_vm_readv(2), which it does restrict, is not used.
/// </summary>
internal sealed class ProcessAccessCheck : ICheck
{
    private const string PtraceScope = "/proc/sys/kernel/yama/ptrace_scope";

    public string Name => "process-access";

    public string Summary => "what ranks of a host may see of each other: pidfd, /proc (hidepid), Yama's ptrace scope";

    public IEnumerable<Finding> Examine(HostView host)
    {
        string? mount = host.Lines("/proc/self/mounts").Select(line => line.Split(' ')).FirstOrDefault(words => words.Length >= 4 && words[1] == "/proc")?[3];
        string? hide = mount?.Split(',').FirstOrDefault(option => option.StartsWith("hidepid=", StringComparison.Ordinal) && option is not ("hidepid=0" or "hidepid=off"));
        if (host.Probe.TryPidfd() is { } problem)
        {
            yield return Finding.Warning($"Processes can't be watched: {problem}. The death of a rank on this host is noticed by its connection alone, and later where a child of it holds that open.", $"pidfd_open: {problem}", "Linux 5.3 or later, and a seccomp profile that passes pidfd_open.");
        }

        if (hide is not null)
        {
            yield return Finding.Note($"/proc hides the processes of other users ({hide}). Ranks of one user see each other all the same.", $"/proc/self/mounts: /proc {mount}", "Run all ranks of a host as one user.");
        }

        string scope = host.Text(PtraceScope) is { } value ? $"{PtraceScope}: {value}" : $"{PtraceScope}: not there";
        yield return Finding.Ok("Yama's ptrace scope does not concern the library: it attaches to no process and reads none by process_vm_readv.", scope);
    }
}
