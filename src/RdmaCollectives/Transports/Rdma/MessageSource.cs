namespace RdmaCollectives.Transports.Rdma;

/// <summary>What is remembered of a message until it has completed, so that it can be sent again.</summary>
/// <param name="Memory">Memory of the user's that it is sent from; without <paramref name="Registration"/> it is in its slot.</param>
/// <param name="Registration">Of that memory.</param>
/// <param name="PeersOffset">Where it belongs in the peer's output, or <see cref="Connection.Nowhere"/>.</param>
internal readonly record struct MessageSource(nint Memory, RdmaRegistration? Registration, ulong PeersOffset);
