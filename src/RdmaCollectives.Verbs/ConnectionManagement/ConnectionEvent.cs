using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs.ConnectionManagement;

/// <summary>One event of a listener or connection; what librdmacm told is copied, and acknowledged.</summary>
public sealed unsafe class ConnectionEvent
{
    internal ConnectionEvent(rdma_cm_event* native)
    {
        Type = (ConnectionEventType)native->@event;
        Status = native->status;
        Id = native->id;
        rdma_conn_param parameters = native->param.conn;
        PrivateData = parameters.private_data == null ? default : new ReadOnlySpan<byte>(parameters.private_data, parameters.private_data_len).ToArray();
    }

    /// <summary>What happened.</summary>
    public ConnectionEventType Type { get; }

    /// <summary>0, or a negative error number, or, for <see cref="ConnectionEventType.Rejected"/>, the reason by its number in the InfiniBand or iWARP specification.</summary>
    public int Status { get; }

    /// <summary>What the peer sent along; some transports fill it up with zeros.</summary>
    public ReadOnlyMemory<byte> PrivateData { get; }

    /// <summary>The connection that it is about; for a request, a new one that the receiver of the event owns.</summary>
    internal rdma_cm_id* Id { get; }

    /// <inheritdoc/>
    public override string ToString() => Status == 0 ? $"{Type}" : $"{Type} (status {Status})";

    /// <summary>Throws unless the event is the one that was waited for.</summary>
    internal void ThrowUnless(ConnectionEventType expected, string operation, string objectName)
    {
        if (Type == expected)
            return;
        (string cause, string? remedy) = Type switch
        {
            ConnectionEventType.AddressError => ("the address does not belong to an RDMA device, or cannot be reached from one", "Check `ip route get` and `rdma link`: the route must leave by an interface that has an RDMA device."),
            ConnectionEventType.RouteError => ("no route to the address", "Check the subnet manager on InfiniBand, the link on Ethernet."),
            ConnectionEventType.Unreachable => ("the peer does not answer", "Check that it runs, the link, and a firewall on UDP port 4791."),
            ConnectionEventType.Rejected => ($"the peer refused (reason {Status})", "Reason 8 means that nobody listens on that port, 28 that the program refused."),
            ConnectionEventType.ConnectError => ("connecting failed", null),
            ConnectionEventType.DeviceRemoval => ("the device was removed", (string?)null),
            _ => ($"the event {this} came instead of {expected}", null),
        };
        string number = Status < 0 ? $": {Errno.Describe(-Status)}" : "";
        throw VerbsException.FromText(operation, objectName, $"{operation} on {objectName} failed: {cause}{number}.", remedy);
    }
}
