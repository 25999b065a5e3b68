using System.Globalization;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>A device, port and GID that this rank uses, chosen once, with the reason.</summary>
internal sealed class RdmaPort : IDisposable
{
    private RdmaPort(DeviceContext device, PortAttributes attributes, GidEntry? gid, string reason, (PartitionKey Key, int Index) partition)
    {
        (PartitionKey, PartitionKeyIndex) = partition;
        Device = device;
        Attributes = attributes;
        Gid = gid;
        Reason = reason;
    }

    public DeviceContext Device { get; }

    public PortAttributes Attributes { get; }

    /// <summary>The GID; null on InfiniBand, where packets inside the subnet travel by LID.</summary>
    public GidEntry? Gid { get; }

    public string Reason { get; }

    public PartitionKey PartitionKey { get; }

    /// <summary>Its index in the port's table.</summary>
    public int PartitionKeyIndex { get; }

    /// <summary>Opens what the options name, else the first device with an active port. One port for each rail, in the order of the names.</summary>
    /// <exception cref="CollectiveException">There is no such device, port or GID, or none that is active, or more are named than can be used.</exception>
    public static RdmaPort[] OpenAll(ResolvedOptions options)
    {
        if (VerbsLibrary.NotSupportedReason is { } missing)
        {
            throw new CollectiveException(Error.Resource, missing);
        }

        try
        {
            return options.Device is { } names ? OpenNamed(Parse(names, options.Channels), options) : [OpenFirstActive(options)];
        }
        catch (VerbsException error)
        {
            throw new CollectiveException(Error.Resource, error.Message, nativeError: error.ErrorNumber, innerException: error);
        }
    }

    public void Dispose() => Device.Dispose();

    /// <summary>What RDMACC_DEVICE names: <c>device[:port]</c>, or several of them with commas.</summary>
    /// <exception cref="CollectiveException">It makes no sense, or there are more ports than channels.</exception>
    internal static IReadOnlyList<(string Name, int Port)> Parse(string devices, int channels)
    {
        var ports = new List<(string Name, int Port)>();
        foreach (string device in devices.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] parts = device.Split(':');
            int port = 1;
            bool isWritten = parts.Length == 1 || (parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 255);
            if (!isWritten || parts[0].Length == 0)
            {
                throw new CollectiveException(Error.Resource, $"RDMACC_DEVICE is '{devices}': write a device, or a device and a port from 1, as in mlx5_0 or mlx5_0:1, or several of them with commas, a rail each.");
            }

            if (ports.Contains((parts[0], port)))
            {
                throw new CollectiveException(Error.Resource, $"RDMACC_DEVICE is '{devices}', which names port {port} of {parts[0]} twice: each rail is a port of its own.");
            }

            ports.Add((parts[0], port));
        }

        return ports.Count <= channels ? ports : throw new CollectiveException(Error.Resource,
            $"RDMACC_DEVICE is '{devices}', {ports.Count} rails, and a rail carries whole channels, of which there are {channels}: set RDMACC_CHANNELS to {ports.Count} on all ranks, or name fewer devices.");
    }

    private static RdmaPort[] OpenNamed(IReadOnlyList<(string Name, int Port)> names, ResolvedOptions options)
    {
        var ports = new List<RdmaPort>();
        try
        {
            foreach ((string name, int port) in names)
            {
                ports.Add(Open(name, port, options));
            }
        }
        catch
        {
            ports.ForEach(port => port.Dispose());
            throw;
        }

        return [.. ports];
    }

    private static RdmaPort OpenFirstActive(ResolvedOptions options)
    {
        var seen = new List<string>();
        foreach (RdmaDevice device in RdmaDevice.GetDevices())
        {
            if (device.Transport != TransportType.InfiniBand)
            {
                seen.Add($"{device.Name} is {device.Transport}");
                continue;
            }

            using DeviceContext probe = device.Open();
            for (int port = 1; port <= probe.QueryDevice().PortCount; port++)
            {
                PortState state = probe.QueryPort(port).State;
                if (state == PortState.Active)
                {
                    return Open(device.Name, port, options);
                }

                seen.Add($"{device.Name} port {port} is {state}");
            }
        }

        throw new CollectiveException(Error.Resource, $"No RDMA device has an active port: {string.Join(", ", seen)}. Bring the link up (ip link set ... up), or name a device (RDMACC_DEVICE).");
    }

    private static RdmaPort Open(string name, int port, ResolvedOptions options)
    {
        DeviceContext device = RdmaDevice.Open(name);
        try
        {
            PortAttributes attributes = device.QueryPort(port);
            if (attributes.State != PortState.Active)
            {
                throw new CollectiveException(Error.Resource, $"{name} port {port} is {attributes.State}, not active: bring its link up, or name another device (RDMACC_DEVICE).");
            }

            (GidEntry? gid, string reason) = ChooseGid(device, attributes, options.GidIndex);
            return new RdmaPort(device, attributes, gid, reason, PartitionKey.Choose(device, attributes, options.PartitionKey));
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    private static (GidEntry? Gid, string Reason) ChooseGid(DeviceContext device, PortAttributes attributes, int? index)
    {
        if (index is { } wanted)
        {
            IReadOnlyList<GidEntry> table = device.GetGidTable(attributes.Port);
            foreach (GidEntry entry in table)
            {
                if (entry.Index == wanted)
                {
                    return (entry, "as RDMACC_GID_INDEX says");
                }
            }

            throw new CollectiveException(Error.Resource, $"RDMACC_GID_INDEX is {wanted}, and {device.Name} port {attributes.Port} has GIDs at {string.Join(", ", table.Select(entry => entry.Index))}. Take one of these, or leave the choice to the library.");
        }

        if (attributes.LinkLayer != LinkLayer.Ethernet)
        {
            return (null, "inside an InfiniBand subnet packets travel by LID");
        }

        GidChoice choice = device.ChooseGid(attributes.Port);
        return choice.Entry is null
            ? throw new CollectiveException(Error.Resource, $"{device.Name} port {attributes.Port}: {choice.Reason}")
            : (choice.Entry, choice.Reason);
    }
}
