namespace RdmaCollectives;
internal static class OptionResolver
{
    public static ResolvedOptions Resolve(CommunicatorOptions? options) => throw new InvalidOperationException();
    public static ResolvedOptions ResolveLocal(CommunicatorOptions? options, int rank, int ranks) => new()
    {
        Rank = rank, WorldSize = ranks, AllowedTransports = [true, true, true, true],
        ChunkBytes = options?.ChunkBytes ?? 128 * 1024, Slots = options?.Slots ?? 4, Channels = options?.Channels ?? 2,
        Timeout = options?.Timeout ?? TimeSpan.FromMinutes(5),
        JoinTimeout = options?.JoinTimeout ?? TimeSpan.FromMinutes(1), SpinMicroseconds = options?.SpinMicroseconds,
    };
}
