namespace RdmaCollectives.Simulation;

/// <summary>Bugs that are planted to see that the simulation finds them. All are in the simulation's own link and transport, or in a copy of a small part: the shipped code has no switch for any.</summary>
internal enum Planted
{
    None,

    /// <summary>A message of a communicator that is gone is taken for one of the next.</summary>
    NoEpochCheck,

    /// <summary>The fence takes effect after the report has gone out.</summary>
    FenceAfterReport,

    /// <summary>The fence returns, and a write that was under way still lands.</summary>
    FenceTooEarly,

    /// <summary>The credit goes back when a message is shown, not when it is released.</summary>
    CreditReturnedEarly,

    /// <summary>A slot goes back before it is copied.</summary>
    SlotReleasedBeforeRead,

    /// <summary>The header of a message is not compared.</summary>
    HeaderCheckSkipped,

    /// <summary>A connection says that it is drained while memory is still read.</summary>
    DoneBeforeDrained,

    /// <summary>Waits do not look at the fault flag.</summary>
    FaultFlagNotPolled,

    /// <summary>The goodbye does not wait for what is on its way.</summary>
    GoodbyeBeforeLinger,

    /// <summary>The answer to an old question is taken for that to the next one.</summary>
    StaleQuestionAnswered,

    /// <summary>A fault is told to nobody.</summary>
    FaultToldToNobody,

    /// <summary>The part of a rank that is ahead is counted for the gathering that is under way.</summary>
    GatherPartOfWrongRound,

    /// <summary>A death is told to all but one.</summary>
    DeathNotToldToAll,

    /// <summary>A frame loses its scope and goes to the communicator of all ranks.</summary>
    NoScopeCheck,

    /// <summary>What comes for the communicator of a newcomer before it has opened it is lost.</summary>
    EarlyFramesLost,

    /// <summary>A failed completion is taken for a good one.</summary>
    FailedCompletionIgnored,

    /// <summary>Two messages of one connection change places.</summary>
    ReorderWithinConnection,
}
