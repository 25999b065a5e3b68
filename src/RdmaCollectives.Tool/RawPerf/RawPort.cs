using RdmaCollectives.Tool.CommandLine;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>The open device, port and address that an end of a measurement uses.</summary>
internal sealed class RawPort : IDisposable
{
    private RawPort(DeviceContext context, PortAttributes attributes, GidEntry? gid)
    {
        (Context, Attributes, Gid) = (context, attributes, gid);
        Limits = context.QueryDevice();
    }

    public DeviceContext Context { get; }

    public PortAttributes Attributes { get; }

    public DeviceAttributes Limits { get; }

    /// <summary>Null inside an InfiniBand subnet, where packets travel by LID.</summary>
    public GidEntry? Gid { get; }

    /// <exception cref="ToolException">There is no such thing; the message says what there is.</exception>
    public static RawPort Open(RawOptions options)
    {
        if (VerbsLibrary.NotSupportedReason is { } reason)
        {
            throw new ToolException(ExitCode.NotSupported, reason);
        }

        return options.Device is null ? OpenFirst(options) : Open(Find(options.Device), options);
    }

    public void Dispose() => Context.Dispose();

    public override string ToString() => Gid is { } gid ? gid.ToString() : $"{Context.Name} port {Attributes.Port} LID {Attributes.LocalIdentifier}";

    private static RdmaDevice Find(string name)
    {
        IReadOnlyList<RdmaDevice> devices = RdmaDevice.GetDevices();
        return devices.FirstOrDefault(device => device.Name == name)
            ?? throw ToolException.BadArguments($"--ib-dev {name}: there is no such RDMA device; there is {string.Join(", ", devices)}.{Suggestion.For(name, devices.Select(device => device.Name))}");
    }

    /// <summary>The first device that could do it; where none can, the first one's reason.</summary>
    private static RawPort OpenFirst(RawOptions options)
    {
        Exception? first = null;
        foreach (RdmaDevice device in RdmaDevice.GetDevices())
        {
            try
            {
                return Open(device, options);
            }
            catch (Exception e) when (e is ToolException or VerbsException)
            {
                first ??= e;
            }
        }

        throw first ?? new ToolException(ExitCode.NotSupported, VerbsLibrary.NotSupportedReason ?? "the RDMA device that was here is gone.");
    }

    private static RawPort Open(RdmaDevice device, RawOptions options)
    {
        if (device.Transport == TransportType.Iwarp)
        {
            throw new ToolException(ExitCode.NotSupported, $"{device} is an iWARP device, whose queue pairs need librdmacm to connect; raw tests connect them over a socket. Name another device with -d.");
        }

        DeviceContext context = device.Open();
        try
        {
            int ports = context.QueryDevice().PortCount;
            if (options.Port > ports)
            {
                throw ToolException.BadArguments($"--ib-port {options.Port}: {device} has {(ports == 1 ? "port 1 only" : $"ports 1 to {ports}")}.");
            }

            PortAttributes port = context.QueryPort(options.Port);
            if (port.State != PortState.Active)
            {
                throw new ToolException(ExitCode.Failed, $"{device} {port}: it must be Active. Bring its link or network interface up (ip link set ... up), or choose another with -d and -i.");
            }

            return new RawPort(context, port, ChooseGid(context, port, options.GidIndex));
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    private static GidEntry? ChooseGid(DeviceContext context, PortAttributes port, int? index)
    {
        if (index is null)
        {
            return port.LinkLayer != LinkLayer.Ethernet ? null
                : context.ChooseGid(port.Port) is { Entry: { } chosen } ? chosen
                : throw new ToolException(ExitCode.Failed, $"{context.Name} port {port.Port}: {context.ChooseGid(port.Port).Reason}");
        }

        IReadOnlyList<GidEntry> gids = [.. context.GetGidTable(port.Port).Where(gid => !gid.Gid.IsEmpty)];
        foreach (GidEntry gid in gids)
        {
            if (gid.Index == index)
            {
                return gid;
            }
        }

        string there = string.Join(", ", gids.Select(gid => $"{gid.Index} ({gid.Gid})"));
        throw ToolException.BadArguments($"--gid-index {index}: {context.Name} port {port.Port} has no address at that index; it has {(there.Length == 0 ? "none" : there)}. Leave the option away, and one is chosen.");
    }
}
