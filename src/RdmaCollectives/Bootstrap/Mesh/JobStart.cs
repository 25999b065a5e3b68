using System.Buffers.Binary;

namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>What the rendezvous tells a rank when all are there, or a newcomer when it is admitted.</summary>
/// <param name="Rank">This process' rank in the job.</param>
/// <param name="WorldSize">The number of ranks that the job started with.</param>
/// <param name="MeshKey">By which its ranks prove themselves to each other.</param>
/// <param name="RankZeroHosts">The rendezvous lives in rank 0.</param>
/// <param name="TellsExits">Somebody tells the rendezvous how processes end.</param>
/// <param name="Members">Who is there, this process among them.</param>
internal sealed record JobStart(int Rank, int WorldSize, byte[] MeshKey, bool RankZeroHosts, bool TellsExits, IReadOnlyList<MemberIdentity> Members)
{
    public MemberIdentity Own => Members.First(member => member.Rank == Rank);

    /// <exception cref="CollectiveException">No rendezvous of this version sends that.</exception>
    public static JobStart Read(in Frame frame, int rank, int worldSize, List<MemberIdentity> members)
    {
        ReadOnlySpan<byte> payload = frame.Payload.Span;
        ulong flags = frame.Key;
        if (frame.Kind == FrameKind.Admitted && payload.Length > sizeof(int))
        {
            flags = frame.Key >> 32;
            rank = (int)(uint)frame.Key;
            worldSize = BinaryPrimitives.ReadInt32LittleEndian(payload);
            payload = payload[sizeof(int)..];
        }

        bool ranksAreRight = worldSize >= 1 && rank >= 0 && members.All(m => m.Rank >= 0) && members.DistinctBy(m => m.Rank).Count() == members.Count && members.Any(m => m.Rank == rank);
        return payload.Length == WireProtocol.MeshKeyBytes && ranksAreRight
            ? new JobStart(rank, worldSize, payload.ToArray(), (flags & 1) != 0, (flags & 2) != 0, members)
            : throw new CollectiveException(Error.Protocol, $"The rendezvous began the job with a frame of kind {frame.Kind} and {members.Count} members that makes no sense: use one version everywhere.");
    }
}
