namespace RdmaCollectives.Tool.Doctor;

/// <summary>What a host answers to calls, as opposed to what stands in its files. Null where the call can't tell.</summary>
internal interface IHostProbe
{
    /// <summary>The options of the library.</summary>
    IReadOnlyList<Setting> Settings { get; }

    /// <summary>Why no RDMA device can be used by this process; null when one can.</summary>
    string? VerbsProblem { get; }

    /// <summary>The version of rdma-core, as the file name of the loaded libibverbs has it; null without one.</summary>
    string? RdmaCoreVersion { get; }

    /// <summary>The IPv4 network of an interface, as in 10.0.0.0/24; null where it has no address, or one of a network that holds no other.</summary>
    string? NetworkOf(string networkInterface);

    /// <summary>What <c>ibv_query_port</c> says of a port: its MTU, and the largest that it can have.</summary>
    (int Active, int Max)? PortMtu(string device, int port);

    /// <summary>statvfs(3): bytes in all, and bytes that are free.</summary>
    (long Total, long Free)? SpaceOf(string directory);

    /// <summary>Makes a memfd, seals it, and opens it through /proc as a peer would. Null when all of that works.</summary>
    string? TryMemfd();

    /// <summary>Wakes nobody by a futex in shared memory. Null when the kernel lets us.</summary>
    string? TryFutex();

    /// <summary>Opens a descriptor of this process by pidfd_open(2). Null when that works.</summary>
    string? TryPidfd();

    /// <summary>What a program prints; null where there is none, or it fails.</summary>
    string? Run(string program, params string[] arguments);
}
