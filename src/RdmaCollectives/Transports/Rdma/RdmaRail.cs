using Microsoft.Extensions.Logging;
using RdmaCollectives.Transports.Interop;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>
/// One device port of this rank, with all that belongs to the device: protection domain, completion queue and its channel. Channel c of a connection goes over rail c modulo the rails that both ends
/// have, and rail r of one rank over rail r of the other, so that each switch of a fabric with a switch per rail carries its own share.
/// </summary>
internal sealed class RdmaRail : IDisposable
{
    private readonly CompletionChannel _channel;

    /// <param name="index">Its place among the rank's rails.</param>
    /// <param name="port">Becomes this rail's, also where this throws.</param>
    /// <param name="capacity">Completions that there is room for: of every request of every queue pair, signalled or not, as a flush completes them all.</param>
    /// <param name="logger">For what the device says of itself.</param>
    /// <param name="rank">Whose rail it is.</param>
    /// <exception cref="VerbsException">The device refused.</exception>
    public RdmaRail(int index, RdmaPort port, int capacity, ILogger logger, int rank)
    {
        Index = index;
        Port = port;
        Events = new RailEvents(this, logger, rank);
        try
        {
            Domain = port.Device.CreateProtectionDomain();
            _channel = port.Device.CreateCompletionChannel();
            Queue = port.Device.CreateCompletionQueue(capacity, _channel);
            Completions = Queue.Lease();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Index { get; }

    public RdmaPort Port { get; }

    /// <summary>Device and port, for people.</summary>
    public string Name => $"{Port.Device.Name} port {Port.Attributes.Port}";

    /// <summary>The same with the address, for faults and logs.</summary>
    public string Place => Port.Gid is { } gid ? $"{Name} GID index {gid.Index} {gid.Gid}" : $"{Name} LID {Port.Attributes.LocalIdentifier}";

    /// <summary>What the device said of itself.</summary>
    public RailEvents Events { get; }

    public ProtectionDomain Domain { get; } = null!;

    public CompletionQueue Queue { get; } = null!;

    public CompletionQueueLease Completions { get; } = null!;

    /// <summary>Readable when a completion came that a notification was asked for.</summary>
    public int Descriptor => _channel.FileDescriptor;

    public string Description =>
        (Port.Gid is { } gid ? $"{gid}" : $"{Port.Device.Name} port {Port.Attributes.Port} LID {Port.Attributes.LocalIdentifier}")
        + $", MTU {Port.Attributes.ActiveMtu.ByteCount()}{(Port.PartitionKey == PartitionKey.Default ? "" : $", partition {Port.PartitionKey}")}: {Port.Reason}";

    /// <summary>Opens all rails of a rank.</summary>
    /// <exception cref="CollectiveException">A port or its device refused; none stays open.</exception>
    public static RdmaRail[] OpenAll(TransportContext context)
    {
        RdmaPort[] ports = RdmaPort.OpenAll(context.Options);
        int perConnection = RdmaPath.SendDepth(context.SlotCount) + RdmaPath.ReceiveDepth(context.SlotCount);
        int capacity = Math.Max(1, (context.WorldSize - 1) * context.Options.Channels * perConnection); // a peer with fewer rails has all its channels on the first ones
        var rails = new List<RdmaRail>();
        ILogger logger = context.LoggerFactory.CreateLogger<RdmaRail>();
        try
        {
            foreach (RdmaPort port in ports)
            {
                rails.Add(new RdmaRail(rails.Count, port, capacity, logger, context.Rank));
                if (context.Options.MemoryWindows && !port.Device.QueryDevice().HasMemoryWindows)
                {
                    throw new CollectiveException(Error.Resource, $"{port.Device.Name} has no memory windows of type 2: leave RDMACC_MEMORY_WINDOWS unset, or name another device (RDMACC_DEVICE).");
                }
            }

            return [.. rails];
        }
        catch (Exception error)
        {
            rails.ForEach(rail => rail.Dispose());
            foreach (RdmaPort unused in ports.Skip(rails.Count))
            {
                unused.Dispose();
            }

            if (error is VerbsException refused)
            {
                throw new CollectiveException(Error.Resource, refused.Message, nativeError: refused.ErrorNumber, innerException: refused);
            }

            throw;
        }
    }

    /// <summary>Takes the events away that made <see cref="Descriptor"/> readable.</summary>
    public void TakeEvents()
    {
        while (_channel.TryTakeEvent(out _))
        {
        }
    }

    public void Dispose()
    {
        Completions?.Dispose();
        Queue?.Dispose();
        _channel?.Dispose();
        Domain?.Dispose();
        Port.Dispose();
    }
}
