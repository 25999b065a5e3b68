namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>This process in a control group of its own, which the kernel allows so many objects of a device (domains, queues, queue pairs and regions together), until it is disposed: what an exhausted device looks like.</summary>
internal sealed class ObjectLimit : IDisposable
{
    private const string Root = "/sys/fs/cgroup";
    private const string Group = $"{Root}/rdmacc-limited";

    private readonly string _device;

    public ObjectLimit(string device)
    {
        _device = device;
        try
        {
            File.WriteAllText($"{Root}/cgroup.subtree_control", "+rdma");
            Directory.CreateDirectory(Group);
            Enter(Group);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Assert.Skip($"needs root and the controller 'rdma' of cgroup v2 at {Root}: {refused.Message}");
        }
    }

    /// <summary>How many there are now.</summary>
    public int InUse => File.ReadLines($"{Group}/rdma.current").Where(line => line.StartsWith($"{_device} ", StringComparison.Ordinal)).Select(line => int.Parse(line.Split('=')[^1], System.Globalization.CultureInfo.InvariantCulture)).SingleOrDefault();

    /// <summary>How many there may be.</summary>
    public void Set(int objects) => File.WriteAllText($"{Group}/rdma.max", $"{_device} hca_object={objects}");

    /// <summary>How often it may be open.</summary>
    public void SetHandles(int handles) => File.WriteAllText($"{Group}/rdma.max", $"{_device} hca_handle={handles}");

    public void Dispose()
    {
        Enter(Root);

        // Linux 6.1 keeps a group's limit of a device after the group has gone, and falls over it (list_del corruption in free_cg_rpool_locked) when the device goes. One that limits nothing, of nothing in use, is forgotten at once.
        File.WriteAllText($"{Group}/rdma.max", $"{_device} hca_handle=max hca_object=max");
        Directory.Delete(Group);
    }

    private static void Enter(string group) => File.WriteAllText($"{group}/cgroup.procs", $"{Environment.ProcessId}");
}
