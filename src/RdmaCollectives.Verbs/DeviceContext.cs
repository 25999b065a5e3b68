using System.Buffers.Binary;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>
/// An open device, from which everything else is made. What is made from it keeps the native device open: they may be disposed in any order.
/// Members may be called from several threads.
/// </summary>
public sealed unsafe class DeviceContext : IDisposable
{
    private readonly ContextHandle _handle;
    private readonly string _sysfsPath;
    private AsyncEvents? _asyncEvents;

    internal DeviceContext(ContextHandle handle, string name, string sysfsPath)
    {
        _handle = handle;
        Name = name;
        _sysfsPath = sysfsPath;
    }

    /// <summary>The device's name.</summary>
    public string Name { get; }

    /// <summary>The number of completion vectors (interrupt lines) that completion queues can be spread over.</summary>
    public int CompletionVectorCount => Handle.Native->num_comp_vectors;

    /// <summary>The asynchronous events of this device: ports that go down, queue pairs that fail.</summary>
    public AsyncEvents AsyncEvents => _asyncEvents ?? Interlocked.CompareExchange(ref _asyncEvents, new AsyncEvents(this), null) ?? _asyncEvents;

    internal ContextHandle Handle => _handle.IsDisposed ? throw new ObjectDisposedException(ToString()) : _handle;

    /// <summary>Asks the device what it is and has.</summary>
    public DeviceAttributes QueryDevice()
    {
        ibv_device_attr attributes = default;
        NativeResult.ThrowIfErrno(libibverbs.ibv_query_device(Handle, &attributes), "ibv_query_device", this);
        return new DeviceAttributes(attributes);
    }

    /// <summary>Asks for the state of <paramref name="port"/>, from 1.</summary>
    public PortAttributes QueryPort(int port = 1)
    {
        byte number = CheckPort(port);
        ibv_port_attr attributes = default;
        NativeResult.ThrowIfErrno(libibverbs.ibv_query_port(Handle, number, &attributes), "ibv_query_port", this,
            _ => $"Check the port number: {port}; ports are numbered from 1 to {QueryDevice().PortCount}.");
        return new PortAttributes(port, attributes);
    }

    /// <summary>Asks for the GID at <paramref name="index"/> of <paramref name="port"/>.</summary>
    public Gid QueryGid(int port, int index)
    {
        byte number = CheckPort(port);
        ibv_gid gid = default;
        NativeResult.ThrowIfMinusOne(libibverbs.ibv_query_gid(Handle, number, index, &gid), "ibv_query_gid", this,
            _ => $"Check port {port} and GID index {index}: the table has {QueryPort(port).GidCount} entries.");
        return new Gid(new ReadOnlySpan<byte>(gid.raw, Gid.ByteCount));
    }

    /// <summary>Asks for the partition key at <paramref name="index"/> of <paramref name="port"/>; 0xffff is the default partition.</summary>
    public ushort QueryPartitionKey(int port, int index)
    {
        byte number = CheckPort(port);
        ushort key;
        NativeResult.ThrowIfMinusOne(libibverbs.ibv_query_pkey(Handle, number, index, &key), "ibv_query_pkey", this, _ => $"Check port {port} and P_Key index {index}.");
        return BinaryPrimitives.ReverseEndianness(key);
    }

    /// <summary>The GIDs of <paramref name="port"/> that are set, with type and network interface, in the order of their indices.</summary>
    public IReadOnlyList<GidEntry> GetGidTable(int port = 1) =>
        VerbsLibrary.HasGidTable ? GidTable.Query(this, port) : GidTable.Read(_sysfsPath, Name, port);

    /// <summary>Chooses the GID that a queue pair on <paramref name="port"/> should use, and says why.</summary>
    public GidChoice ChooseGid(int port = 1) => GidChooser.Choose(GetGidTable(port), QueryPort(port).LinkLayer);

    /// <summary>Makes a protection domain: the set of memory regions that its queue pairs may touch.</summary>
    public ProtectionDomain CreateProtectionDomain() => new(this);

    /// <summary>Makes a completion channel: a file descriptor by which completion queues wake a waiting thread.</summary>
    public CompletionChannel CreateCompletionChannel() => new(this);

    /// <summary>Makes a completion queue with room for at least <paramref name="capacity"/> completions.</summary>
    /// <param name="capacity">At least one for every request that can be under way on its queue pairs, signalled or not: flushed requests complete too.</param>
    /// <param name="channel">The channel that tells of completions, or null for a queue that is only polled.</param>
    /// <param name="vector">The completion vector, below <see cref="CompletionVectorCount"/>.</param>
    public CompletionQueue CreateCompletionQueue(int capacity, CompletionChannel? channel = null, int vector = 0) => new(this, capacity, channel, vector);

    /// <summary>Gives the device up; the native device is closed when the last object made from it is gone.</summary>
    public void Dispose() => _handle.Dispose();

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static byte CheckPort(int port)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, byte.MaxValue);
        return (byte)port;
    }
}
