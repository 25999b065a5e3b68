namespace RdmaCollectives.Schedules;

/// <summary>A schedule broke a rule: which rule, on which rank, at which step.</summary>
public sealed class ScheduleException : Exception
{
    internal ScheduleException(string rule, int rank, int step, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Rule = rule;
        Rank = rank;
        Step = step;
    }

    /// <summary>
    /// The rule's short name. Of what a schedule does: <c>postcondition</c>, <c>hazard</c>, <c>order</c>, <c>deadlock</c>, <c>final</c>. Of what it declares: <c>shape</c> (ranks, chunks, counts, planes
    /// and buffers that do not fit), <c>traits</c> (a promise that is not kept). Of a file: <c>json</c>.
    /// </summary>
    public string Rule { get; }

    /// <summary>The rank on which it was noticed, or -1.</summary>
    public int Rank { get; }

    /// <summary>The index of the step, or -1.</summary>
    public int Step { get; }
}
