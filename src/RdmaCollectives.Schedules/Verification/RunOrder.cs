namespace RdmaCollectives.Schedules.Verification;

/// <summary>Which of the lanes that can go on goes on. The outcome must be the same for all; the orders are chosen far apart.</summary>
internal enum RunOrder
{
    /// <summary>The one that has waited longest: all ranks side by side.</summary>
    OldestFirst,

    /// <summary>The one that was woken last, as far as it gets: some ranks far ahead, others far behind.</summary>
    NewestFirst,

    /// <summary>One step of any, by a seed.</summary>
    Random,
}
