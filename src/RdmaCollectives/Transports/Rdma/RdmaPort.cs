using System.Globalization;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>The device, port and GID that this rank uses, chosen once, with the reason.</summary>
internal sealed class RdmaPort : IDisposable
{
    private RdmaPort(DeviceContext device, PortAttributes attributes, GidEntry? gid, string reason)
    {
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

    /// <summary>Opens what the options name, else the first device with an active port.</summary>
    /// <exception cref="CollectiveException">There is no such device, port or GID, or none that is active.</exception>
    public static RdmaPort Open(ResolvedOptions options)
    {
        if (VerbsLibrary.NotSupportedReason is { } missing)
        {
            throw new CollectiveException(Error.Resource, missing);
        }

        try
        {
            (string? name, int? port) = Parse(options.Device);
            return name is null ? OpenFirstActive(options) : Open(name, port ?? 1, options);
        }
        catch (VerbsException error)
        {
            throw new CollectiveException(Error.Resource, error.Message, nativeError: error.ErrorNumber, innerException: error);
        }
    }

    public void Dispose() => Device.Dispose();

    private static (string? Name, int? Port) Parse(string? device)
    {
        if (device is null)
        {
            return (null, null);
        }

        string[] parts = device.Split(':');
        return parts.Length == 1 ? (parts[0], null)
            : int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is >= 1 and <= 255 && parts.Length == 2 ? (parts[0], port)
            : throw new CollectiveException(Error.Resource, $"RDMACC_DEVICE is '{device}': write a device, or a device and a port from 1, as in mlx5_0 or mlx5_0:1.");
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
            return new RdmaPort(device, attributes, gid, reason);
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
