using Microsoft.Extensions.Logging;

namespace RdmaCollectives.Bootstrap;

/// <summary>What the bootstrap writes to the log. No message has room for a secret, a key or a proof.</summary>
internal static partial class BootstrapLog
{
    [LoggerMessage(1, LogLevel.Debug, "Rendezvous listens at {EndPoint} for {WorldSize} ranks")]
    public static partial void Listening(ILogger logger, string endPoint, int worldSize);

    [LoggerMessage(2, LogLevel.Debug, "{Who} joined, {Joined} of {WorldSize} ranks are here")]
    public static partial void Joined(ILogger logger, string who, int joined, int worldSize);

    [LoggerMessage(3, LogLevel.Warning, "A connection from {Address} was refused: {Reason}. Further refusals of this address are not logged")]
    public static partial void Refused(ILogger logger, string address, string reason);

    [LoggerMessage(4, LogLevel.Warning, "{Who} was not let in: {Reason}")]
    public static partial void NotLetIn(ILogger logger, string who, string reason);

    [LoggerMessage(5, LogLevel.Error, "{Words}")]
    public static partial void MemberDied(ILogger logger, string words);

    [LoggerMessage(6, LogLevel.Debug, "Rank {Rank} left")]
    public static partial void MemberLeft(ILogger logger, int rank);

    [LoggerMessage(7, LogLevel.Warning, "RDMACC_INSECURE is set: nobody proves who joins this job. Anyone who reaches {EndPoint} can take part in it and read its data")]
    public static partial void Insecure(ILogger logger, string endPoint);

    [LoggerMessage(8, LogLevel.Error, "The rendezvous' thread failed; every rank will see the control plane end")]
    public static partial void ServerFailed(ILogger logger, Exception exception);

    [LoggerMessage(9, LogLevel.Error, "Rank {Rank} was told of a fault: {Words}")]
    public static partial void FaultArrived(ILogger logger, int rank, string words);

    [LoggerMessage(10, LogLevel.Error, "Rank {Rank}: a handler of the control thread failed")]
    public static partial void HandlerFailed(ILogger logger, int rank, Exception exception);

    [LoggerMessage(11, LogLevel.Warning, "{Warning}")]
    public static partial void OptionWarning(ILogger logger, string warning);

    [LoggerMessage(12, LogLevel.Warning, "No unix socket beside {EndPoint}: {Reason}. Ranks without a secret can't join")]
    public static partial void NoUnixSocket(ILogger logger, string endPoint, string reason);

    [LoggerMessage(13, LogLevel.Debug, "{Who} came after the start and is rank {Rank} of the job")]
    public static partial void NewcomerJoined(ILogger logger, string who, int rank);

    [LoggerMessage(14, LogLevel.Warning, "Rank {Rank}: the rendezvous at {Address} is gone ({How}). The job goes on without it; no newcomers can join")]
    public static partial void RendezvousLost(ILogger logger, int rank, string address, string how);

    [LoggerMessage(15, LogLevel.Warning, "Rank {Rank} has no control connection to {Others} ({Why}); their control frames go through the rendezvous, and the job depends on it")]
    public static partial void Relayed(ILogger logger, int rank, string others, string why);

    [LoggerMessage(16, LogLevel.Error, "Rank {Rank}: {Words}")]
    public static partial void PeerLost(ILogger logger, int rank, string words);

    [LoggerMessage(17, LogLevel.Error, "Rank {Rank}: the control thread failed")]
    public static partial void ControlThreadFailed(ILogger logger, int rank, Exception exception);
}
