using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>
/// A partition key: 15 bits that name the partition, and above them whether its holder is a full member. Two ports can talk when the partition is the same and one of them at least is a full member
/// (InfiniBand specification, volume 1, 10.9.3).
/// </summary>
internal readonly record struct PartitionKey(ushort Value)
{
    /// <summary>The default partition, as a full member; on Ethernet the only one.</summary>
    public static readonly PartitionKey Default = new(0xffff);

    public int Partition => Value & 0x7fff;

    public bool IsFull => (Value & 0x8000) != 0;

    /// <summary>The key to use of a port, and its index: what the options name, else the first.</summary>
    /// <exception cref="CollectiveException">The port's table does not hold it.</exception>
    public static (PartitionKey Key, int Index) Choose(DeviceContext device, PortAttributes port, int? wanted)
    {
        if (wanted is { } key)
        {
            return (new PartitionKey((ushort)key), IndexOf((ushort)key, TableOf(device, port), $"{device.Name} port {port.Port}"));
        }

        return (port.PartitionKeyCount > 0 ? new PartitionKey(device.QueryPartitionKey(port.Port, 0)) : Default, 0);
    }

    /// <param name="wanted">What RDMACC_PKEY says.</param>
    /// <param name="table">The port's keys by index; 0 where there is none.</param>
    /// <param name="port">In words.</param>
    /// <exception cref="CollectiveException">The table does not hold it.</exception>
    internal static int IndexOf(ushort wanted, ReadOnlySpan<ushort> table, string port)
    {
        int index = table.IndexOf(wanted);
        if (index >= 0)
        {
            return index;
        }

        string[] there = [.. table.ToArray().Where(value => value != 0).Select(value => $"{new PartitionKey(value)}")];
        string keys = there.Length == 0 ? "no partition keys" : $"the partition keys {string.Join(", ", there)}";
        throw new CollectiveException(Error.Resource,
            $"RDMACC_PKEY is {new PartitionKey(wanted)}, and {port} has {keys}. Take one of these, membership bit (0x8000) and all, or have the subnet manager add this port to the partition; on Ethernet there is 0xffff alone (use VLANs).");
    }

    public override string ToString() => $"0x{Value:x4}";

    private static ushort[] TableOf(DeviceContext device, PortAttributes port) =>
        [.. Enumerable.Range(0, port.PartitionKeyCount).Select(index => device.QueryPartitionKey(port.Port, index))];
}
