using Microsoft.Extensions.Logging;

namespace RdmaCollectives.Diagnostics;

/// <summary>What a communicator says of itself. Nothing here is on the path of a call.</summary>
internal static partial class CommunicatorLog
{
    /// <summary>The category of all messages.</summary>
    public const string Category = "RdmaCollectives.Communicator";

    [LoggerMessage(100, LogLevel.Information, "Rank {Rank} of {WorldSize} (local rank {LocalRank}) reaches the others by: {Transports}.")]
    public static partial void Created(ILogger logger, int rank, int worldSize, int localRank, string transports);

    [LoggerMessage(EventId = 101, Message = "Rank {Rank} does without {Transport}: {Reason}.")]
    public static partial void TransportNotStarted(ILogger logger, LogLevel level, int rank, string transport, string reason);

    [LoggerMessage(102, LogLevel.Information, "Rank {Rank} wrote its flight recorder to {Path} ({Reason}).")]
    public static partial void Dumped(ILogger logger, int rank, string path, string reason);

    [LoggerMessage(103, LogLevel.Warning, "Rank {Rank} could not write its flight recorder to {Path}.")]
    public static partial void DumpFailed(ILogger logger, int rank, string path, Exception error);
}
