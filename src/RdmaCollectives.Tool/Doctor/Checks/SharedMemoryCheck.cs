namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>The two ways to share memory with other processes of the host: a memfd through /proc, and else files in /dev/shm.</summary>
internal sealed class SharedMemoryCheck : ICheck
{
    private const string Directory = "/dev/shm";

    /// <summary>A rank's segments for a few peers, at the default sizes.</summary>
    private const long LeastBytes = 64L << 20;

    public string Name => "shared-memory";

    public string Summary => "memfd through /proc, and the size of /dev/shm, which is taken where there is no memfd";

    public IEnumerable<Finding> Examine(HostView host)
    {
        string? problem = host.Probe.TryMemfd();
        yield return problem is null
            ? Finding.Ok("Ranks of this host can share memory by memfd.", "memfd_create, F_ADD_SEALS, open of /proc/PID/fd/N: all work")
            : Finding.Warning($"Memory can't be shared by memfd: {problem} Files in {Directory} are taken in its place, and buffers of Communicator.Allocate are copied.", $"memfd: {problem}", "Mount /proc, and let the seccomp profile pass memfd_create.");
        yield return Judge(host, isNeeded: problem is not null);
    }

    private static Finding Judge(HostView host, bool isNeeded)
    {
        const string remedy = $"mount -o remount,size=1G {Directory}; container: --shm-size=1g; Kubernetes: an emptyDir of medium Memory at {Directory}.";
        if (host.Probe.SpaceOf(Directory) is not { } space)
        {
            const string evidence = $"statvfs {Directory}: fails";
            return isNeeded ? Finding.Problem($"There is neither memfd nor {Directory}: ranks of one host talk over TCP.", evidence, remedy) : Finding.Note($"There is no {Directory}. The library does without, as memfd works.", evidence);
        }

        string text = $"{Directory} has {Size.Bytes(space.Total)}, {Size.Bytes(space.Free)} of them free.";
        string seen = $"statvfs {Directory}: {space.Total} bytes, {space.Free} free";
        return space.Free >= LeastBytes ? Finding.Ok(text, seen)
            : isNeeded ? Finding.Problem($"{text} A rank with a few peers takes up to {Size.Bytes(LeastBytes)} there.", seen, remedy)
            : Finding.Note($"{text} That is little for programs that use it (NCCL, PyTorch's loaders). This library does not, as memfd works.", seen, remedy);
    }
}
