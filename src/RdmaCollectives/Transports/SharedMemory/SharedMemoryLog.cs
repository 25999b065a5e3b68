using Microsoft.Extensions.Logging;

namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>What the shared-memory transport says.</summary>
internal static partial class SharedMemoryLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Rank {Peer} stands still while it stores a result in the output of rank {Rank}, whose call has ended with a fault: the {ByteCount} bytes lie in pages of their own now, where it cannot write.")]
    public static partial void OutputTakenAway(ILogger logger, int peer, ulong byteCount, int rank);

    [LoggerMessage(Level = LogLevel.Error, Message = "Rank {Peer} stands still while it stores a result in the output of rank {Rank}, whose call has ended with a fault, and the {ByteCount} bytes cannot be given other pages ({Reason}): it may still write there. Do not use this buffer again.")]
    public static partial void OutputNotTakenAway(ILogger logger, int peer, ulong byteCount, int rank, string reason);
}
