namespace RdmaCollectives.Verbs;

/// <summary>
/// The kernel's limit on the objects of a device (open handles; queue pairs, regions, queues and domains together) that a control group may have: the controller <c>rdma</c> of cgroup v2
/// (kernel documentation, admin-guide/cgroup-v2, RDMA). Where it is reached every call that makes an object fails by EAGAIN.
/// </summary>
internal static class ObjectLimit
{
    private const string Root = "/sys/fs/cgroup";

    /// <summary>The limits that this process is under, as the kernel tells, and what to do; null where there is none, or it can't be seen.</summary>
    internal static string? Remedy() => Remedy(Root, ReadOrNull("/proc/self/cgroup"));

    /// <param name="root">Where the hierarchy is mounted.</param>
    /// <param name="membership">What the kernel says of the process' groups.</param>
    internal static string? Remedy(string root, string? membership)
    {
        List<string> limits = [];
        for (string? group = GroupOf(membership); group is not null; group = group.Length == 0 ? null : group[..group.LastIndexOf('/')])
        {
            string file = $"{root}{group}/rdma.max";
            limits.AddRange(Lines(file).Where(IsLimit).Select(limit => $"{limit} ({file}, in use: {InUse($"{root}{group}/rdma.current", limit)})"));
        }

        return limits.Count == 0 ? null
            : $"The control group of this process may have so many handles and objects of a device: {string.Join("; ", limits)}. Raise it there (`echo 'DEVICE hca_object=max hca_handle=max'`), have the container started with a larger limit, or need fewer connections and registrations.";
    }

    // "0::/a/b" is the one hierarchy of version 2; the root is the empty name.
    private static string? GroupOf(string? membership) =>
        membership?.Split('\n').FirstOrDefault(line => line.StartsWith("0::/", StringComparison.Ordinal))?[3..].TrimEnd('/');

    // "rxe0 hca_handle=max hca_object=max" limits nothing.
    private static bool IsLimit(string line) => line.Split('=').Length > 1 && line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..].Any(part => !part.EndsWith("=max", StringComparison.Ordinal));

    private static string InUse(string file, string limit)
    {
        string device = $"{limit.Split(' ')[0]} ";
        return Lines(file).FirstOrDefault(line => line.StartsWith(device, StringComparison.Ordinal))?[device.Length..] ?? "unknown";
    }

    private static IEnumerable<string> Lines(string file) => (ReadOrNull(file) ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string? ReadOrNull(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception unseen) when (unseen is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
