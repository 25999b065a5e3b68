namespace RdmaCollectives.Transports.Rdma;

/// <summary>What a work request's id says: which path, what kind, and how many requests its send queue had taken with it.</summary>
internal readonly record struct WorkRequestId(ulong Value)
{
    public WorkRequestId(WorkKind kind, int path, uint posted)
        : this(posted | ((ulong)(uint)path << 32) | ((ulong)kind << 60))
    {
    }

    public WorkKind Kind => (WorkKind)(Value >> 60);

    /// <summary>Its index among the transport's paths.</summary>
    public int Path => (int)((Value >> 32) & 0xfffffff);

    /// <summary>Requests posted to the send queue up to and with this one, modulo 2^32.</summary>
    public uint Posted => (uint)Value;
}
