namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>A place in a rank's registered buffer, as a line names it to a peer: a payload that is read there, or an output in which the peer may store.</summary>
/// <param name="Index">The registration's place in its rank's table.</param>
/// <param name="Generation">Tells it from others that had the place before.</param>
/// <param name="Offset">Where the payload begins.</param>
/// <param name="Descriptor">The memfd in the sender's process.</param>
/// <param name="ByteCount">The size of the memfd.</param>
internal readonly record struct PulledRange(int Index, ulong Generation, ulong Offset, int Descriptor, long ByteCount);
