namespace RdmaCollectives.Transports;

/// <summary>The place of each transport in tables; the order is also the order of preference.</summary>
internal static class TransportIndex
{
    public const int Loopback = 0;
    public const int SharedMemory = 1;
    public const int Rdma = 2;
    public const int Tcp = 3;
    public const int Count = 4;

    /// <summary>The name of a transport, as users say it.</summary>
    public static string NameOf(int index) => index switch
    {
        Loopback => "loopback",
        SharedMemory => "shm",
        Rdma => "verbs",
        Tcp => "tcp",
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, "A transport index is 0..3."),
    };

    /// <summary>The index of a transport by its name.</summary>
    public static int Of(string name) => name switch
    {
        "loopback" => Loopback,
        "shm" => SharedMemory,
        "verbs" => Rdma,
        "tcp" => Tcp,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "A transport is loopback, shm, verbs or tcp."),
    };
}
