namespace RdmaCollectives.Transports.Rdma;

/// <summary>What a rank tells the others of its rails: each a <see cref="RdmaDescription"/> with its length, a byte, before it.</summary>
internal static class RailDescriptions
{
    /// <summary>As many as there can be channels.</summary>
    public const int MaximumRails = 16;

    public static byte[] ToBytes(IEnumerable<RdmaDescription> rails) => [.. rails.Select(rail => rail.ToBytes()).SelectMany(bytes => bytes.Prepend(checked((byte)bytes.Length)))];

    /// <summary>Null for bytes that are no rails, or none, or more than there can be.</summary>
    public static RdmaDescription[]? TryRead(ReadOnlySpan<byte> from)
    {
        var rails = new List<RdmaDescription>();
        while (!from.IsEmpty)
        {
            int length = from[0];
            if (from.Length <= length || rails.Count == MaximumRails || RdmaDescription.TryRead(from[1..(1 + length)]) is not { } rail)
            {
                return null;
            }

            rails.Add(rail);
            from = from[(1 + length)..];
        }

        return rails.Count == 0 ? null : [.. rails];
    }
}
