using Microsoft.Extensions.Logging;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>What the verbs transport says while it runs.</summary>
internal static partial class RdmaLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Rank {Rank} leaves {Rail} for its connection to rank {Peer}, channel {Channel}: {Reason}.")]
    public static partial void Leaving(ILogger logger, int rank, int peer, int channel, string rail, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The connection of rank {Rank} to rank {Peer}, channel {Channel}, goes on over {Rail} after {Milliseconds} ms; {Again} messages were sent again.")]
    public static partial void Moved(ILogger logger, int rank, int peer, int channel, string rail, long milliseconds, ulong again);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Rank {Rank} can't open {Rail} for its connection to rank {Peer}, channel {Channel}: {Reason}")]
    public static partial void NotOpened(ILogger logger, int rank, int peer, int channel, string rail, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Rail} of rank {Rank}: {Event} ({Name}). {Advice}")]
    public static partial void RailEvent(ILogger logger, int rank, string rail, string @event, string name, string advice);
}
