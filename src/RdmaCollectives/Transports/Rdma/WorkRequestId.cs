namespace RdmaCollectives.Transports.Rdma;

/// <summary>What a work request's id says: which connection, what kind, and how many requests its send queue had taken with it.</summary>
internal readonly record struct WorkRequestId(ulong Value)
{
    public WorkRequestId(WorkKind kind, int connection, uint posted)
        : this(posted | ((ulong)(uint)connection << 32) | ((ulong)kind << 60))
    {
    }

    public WorkKind Kind => (WorkKind)(Value >> 60);

    public int Connection => (int)((Value >> 32) & 0xfffffff);

    /// <summary>Requests posted to the send queue up to and with this one, modulo 2^32.</summary>
    public uint Posted => (uint)Value;
}
