namespace RdmaCollectives.Tool.Doctor.Facts;

/// <summary>The limit on locked memory.</summary>
/// <param name="Bytes">RLIMIT_MEMLOCK; null is unlimited.</param>
/// <param name="Binds">Whether it holds for the process: not for one with CAP_IPC_LOCK.</param>
internal sealed record LockedMemoryFacts(long? Bytes, bool Binds)
{
    /// <summary>What the process may lock.</summary>
    internal long Usable => Binds && Bytes is { } bytes ? bytes : long.MaxValue;

    public static LockedMemoryFacts? Of(HostView host) =>
        Limit.Of(host, "Max locked memory") is { } limit ? new LockedMemoryFacts(limit.Soft, limit.Soft is not null && !ProcessStatus.MayLockMemory(host)) : null;
}
