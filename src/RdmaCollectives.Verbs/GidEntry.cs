namespace RdmaCollectives.Verbs;

/// <summary>One line of a port's GID table.</summary>
/// <param name="DeviceName">The device.</param>
/// <param name="Port">The port, from 1.</param>
/// <param name="Index">The index that a queue pair names it by.</param>
/// <param name="Gid">The GID.</param>
/// <param name="Type">How packets travel.</param>
/// <param name="NetworkInterface">The network interface it belongs to, or null.</param>
public readonly record struct GidEntry(string DeviceName, int Port, int Index, Gid Gid, GidType Type, string? NetworkInterface)
{
    /// <inheritdoc/>
    public override string ToString() => $"{DeviceName} port {Port} GID index {Index} {Gid} ({Type.Describe()}{(NetworkInterface is null ? "" : $", {NetworkInterface}")})";
}
