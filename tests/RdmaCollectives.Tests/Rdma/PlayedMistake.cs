namespace RdmaCollectives.Tests.Rdma;

/// <summary>What an end of a <see cref="PlayedLink"/> may do wrong.</summary>
public enum PlayedMistake
{
    None,

    /// <summary>Everything that was not acknowledged goes again, whatever the other end says.</summary>
    SendsAgainWhatHasArrived,

    /// <summary>Only what comes later goes by the new path.</summary>
    ForgetsWhatWasUnderWay,

    /// <summary>Its queue pair takes messages after it was counted.</summary>
    AnswersBeforeItHasStopped,

    /// <summary>The new path is used as soon as this end is connected.</summary>
    SendsBeforeTheOtherIsReady,
}
