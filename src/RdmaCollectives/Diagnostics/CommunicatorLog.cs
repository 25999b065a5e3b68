using Microsoft.Extensions.Logging;

namespace RdmaCollectives.Diagnostics;

/// <summary>What a communicator says of itself. Nothing here is on the path of a call.</summary>
internal static partial class CommunicatorLog
{
    /// <summary>The category of all messages.</summary>
    public const string Category = "RdmaCollectives.Communicator";

    [LoggerMessage(100, LogLevel.Information, "Rank {Rank} of {WorldSize} (local rank {LocalRank}) reaches the others by: {Transports}.")]
    public static partial void Created(ILogger logger, int rank, int worldSize, int localRank, string transports);

    [LoggerMessage(101, LogLevel.Information, "Rank {Rank} does without {Transport}: {Reason}.")]
    public static partial void TransportNotStarted(ILogger logger, int rank, string transport, string reason);
}
