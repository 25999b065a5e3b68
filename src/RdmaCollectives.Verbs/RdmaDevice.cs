using System.Buffers.Binary;
using RdmaCollectives.Verbs.Interop;
using static RdmaCollectives.Verbs.Interop.verbs_constants;

namespace RdmaCollectives.Verbs;

/// <summary>An RDMA device that this process can see: a snapshot of its name and kind, from which it can be opened.</summary>
public sealed unsafe class RdmaDevice
{
    private RdmaDevice(ibv_device* device)
    {
        Name = NativeText.Read(device->name, IBV_SYSFS_NAME_MAX);
        CharacterDevice = NativeText.Read(device->dev_name, IBV_SYSFS_NAME_MAX);
        SysfsPath = NativeText.Read(device->ibdev_path, IBV_SYSFS_PATH_MAX);
        NodeType = (NodeType)device->node_type;
        Transport = (TransportType)device->transport_type;
        NodeGuid = BinaryPrimitives.ReverseEndianness(libibverbs.ibv_get_device_guid(device));
    }

    /// <summary>The kernel's name, such as <c>mlx5_0</c> or <c>rxe0</c>.</summary>
    public string Name { get; }

    /// <summary>The name under /dev/infiniband, such as <c>uverbs0</c>.</summary>
    public string CharacterDevice { get; }

    /// <summary>The directory under /sys/class/infiniband that describes it.</summary>
    public string SysfsPath { get; }

    /// <summary>What kind of node it is.</summary>
    public NodeType NodeType { get; }

    /// <summary>Which transport it speaks. RoCE counts as InfiniBand here: the link layer of the port tells them apart.</summary>
    public TransportType Transport { get; }

    /// <summary>The node GUID.</summary>
    public ulong NodeGuid { get; }

    /// <summary>All devices that this process can see, in the kernel's order; empty when libibverbs is not installed (see <see cref="VerbsLibrary.NotSupportedReason"/>).</summary>
    /// <exception cref="VerbsException">The list could not be read.</exception>
    public static IReadOnlyList<RdmaDevice> GetDevices()
    {
        List<RdmaDevice> devices = [];
        WithList((device, _) =>
        {
            devices.Add(new RdmaDevice((ibv_device*)device));
            return false;
        });
        return devices;
    }

    /// <summary>Opens the device called <paramref name="name"/>.</summary>
    /// <exception cref="VerbsException">There is no such device, or it cannot be opened.</exception>
    public static DeviceContext Open(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        IReadOnlyList<RdmaDevice> devices = GetDevices();
        foreach (RdmaDevice device in devices)
        {
            if (string.Equals(device.Name, name, StringComparison.Ordinal))
                return device.Open();
        }
        throw NoSuchDevice(name, devices);
    }

    /// <summary>Opens this device. Each call gives a context of its own; the caller disposes it.</summary>
    /// <exception cref="VerbsException">It is gone, or cannot be opened.</exception>
    public DeviceContext Open()
    {
        DeviceContext? context = null;
        WithList((device, name) =>
        {
            if (!string.Equals(name, Name, StringComparison.Ordinal))
                return false;
            ContextHandle handle = new();
            handle.Adopt(libibverbs.ibv_open_device((ibv_device*)device), "ibv_open_device", $"{Name} (/dev/infiniband/{CharacterDevice})");
            context = new DeviceContext(handle, Name, SysfsPath);
            return true;
        });
        return context ?? throw NoSuchDevice(Name, GetDevices());
    }

    /// <summary>The GIDs of <paramref name="port"/> (from 1) that are set, with type and network interface, as sysfs shows them; needs no open device, but is slower than <see cref="DeviceContext.GetGidTable"/>.</summary>
    public IReadOnlyList<GidEntry> GetGidTable(int port = 1) => GidTable.Read(SysfsPath, Name, port);

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>
    /// Visits each device until the visitor returns true. Entries of the native list die with it, unless they were opened, so nothing keeps a pointer to one.
    /// </summary>
    private static void WithList(Func<nint, string, bool> visit)
    {
        if (!VerbsLibrary.IsLoaded)
            return;
        int count;
        ibv_device** list = libibverbs.ibv_get_device_list(&count);
        if (list == null)
        {
            int error = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
            // ENOSYS: the kernel has no RDMA support, which is the same as no devices.
            if (error is 0 or libc.ENOSYS)
                return;
            throw VerbsException.FromErrno("ibv_get_device_list", "this host", error);
        }
        try
        {
            for (int i = 0; i < count; i++)
            {
                if (visit((nint)list[i], NativeText.Read(list[i]->name, IBV_SYSFS_NAME_MAX)))
                    return;
            }
        }
        finally
        {
            libibverbs.ibv_free_device_list(list);
        }
    }

    private static VerbsException NoSuchDevice(string name, IReadOnlyList<RdmaDevice> devices)
    {
        string seen = devices.Count == 0 ? VerbsLibrary.NotSupportedReason ?? "there is no device." : $"there are: {string.Join(", ", devices)}.";
        return VerbsException.FromText("open", name, $"There is no RDMA device called '{name}'; {seen}");
    }
}
