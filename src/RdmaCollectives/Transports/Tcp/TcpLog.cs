using Microsoft.Extensions.Logging;

namespace RdmaCollectives.Transports.Tcp;

/// <summary>What the TCP transport says, all of it at set-up.</summary>
internal static partial class TcpLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Rank {Rank} listens for TCP connections on {Addresses}.")]
    public static partial void Listening(ILogger logger, int rank, string addresses);

    [LoggerMessage(Level = LogLevel.Debug, Message = "TCP connection of rank {Rank} to rank {Peer}, channel {Channel}: {Local} to {Remote}.")]
    public static partial void Connected(ILogger logger, int rank, int peer, int channel, string local, string remote);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Remote} connected to the TCP listener of rank {Rank} and was refused: {Reason}. Further strangers are refused without a message.")]
    public static partial void Stranger(ILogger logger, int rank, string remote, string reason);
}
