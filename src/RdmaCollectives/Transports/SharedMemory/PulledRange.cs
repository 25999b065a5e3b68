namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>A range of a sender's registered buffer, as a line names it.</summary>
/// <param name="Index">The registration's place in its rank's table.</param>
/// <param name="Generation">Tells it from others that had the place before.</param>
/// <param name="Offset">Where the payload begins.</param>
/// <param name="Descriptor">The memfd in the sender's process.</param>
/// <param name="ByteCount">The size of the memfd.</param>
internal readonly record struct PulledRange(int Index, ulong Generation, ulong Offset, int Descriptor, long ByteCount);
