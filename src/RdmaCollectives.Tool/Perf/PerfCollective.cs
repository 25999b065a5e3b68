using RdmaCollectives.Schedules;

namespace RdmaCollectives.Tool.Perf;

/// <summary>One thing that <c>rdmacc perf</c> measures. What "size" means is nccl-tests' convention: the larger of the two buffers of a rank, or of the root.</summary>
internal sealed record PerfCollective
{
    /// <summary>As the user writes it: <c>all_reduce</c>.</summary>
    public required string Name { get; init; }

    /// <summary>One line for <c>--list</c>.</summary>
    public required string Summary { get; init; }

    /// <summary>Whose algorithms can be chosen; null where there is nothing to choose.</summary>
    public CollectiveKind? Kind { get; init; }

    /// <summary>What an algorithm has to promise beyond its collective.</summary>
    public ScheduleTraits Traits { get; init; }

    public Forms Forms { get; init; } = Forms.OutOfPlace | Forms.InPlace;

    /// <summary>The equal parts that a size is divided into; a size is a whole number of elements of each.</summary>
    public Func<int, int> Parts { get; init; } = _ => 1;

    /// <summary>The turns until the same is called again, where each call has another root or another distance; 1 where nothing turns.</summary>
    public Func<int, int> Turns => HasRoot ? n => n : IsPointToPoint ? n => Math.Max(1, n - 1) : _ => 1;

    /// <summary>Whether a rank talks to two others only.</summary>
    public bool IsPointToPoint { get; init; }

    public bool HasTurns => HasRoot || IsPointToPoint;

    /// <summary>busbw / algbw for a number of ranks: what the slowest link carries of the size (nccl-tests, doc/PERFORMANCE.md).</summary>
    public required Func<int, double> BusFactor { get; init; }

    /// <summary>The same in words.</summary>
    public required string BusFormula { get; init; }

    /// <summary>The call.</summary>
    public required Action<PerfCase> Call { get; init; }

    /// <summary>The elements that this rank gives.</summary>
    public Func<PerfCase, long> SendCount { get; init; } = one => one.Total;

    /// <summary>Where the input lies in the one buffer of the in-place form, in elements.</summary>
    public Func<PerfCase, long> SendOffset { get; init; } = _ => 0;

    /// <summary>Where the result goes in it.</summary>
    public Func<PerfCase, long> ReceiveOffset { get; init; } = _ => 0;

    /// <summary>What this rank has afterwards; null where no element moves.</summary>
    public Func<PerfCase, IEnumerable<Piece>>? Expected { get; init; }

    /// <summary>Whether there is a call with <see cref="PreMultipliedSum{T}"/>.</summary>
    public bool HasPreMultipliedSum { get; init; }

    public bool HasRoot => Kind?.IsRooted() == true;

    public bool IsReducing => Kind?.IsReducing() == true;

    public bool HasSize => Expected is not null;

    /// <summary>The forms to measure for what the user asked; where there is no choice, the one that there is.</summary>
    public IReadOnlyList<Forms> FormsOf(Placement placement) => placement switch
    {
        _ when Forms is Forms.OutOfPlace or Forms.InPlace => [Forms],
        Placement.OutOfPlace => [Forms.OutOfPlace],
        Placement.InPlace => [Forms.InPlace],
        _ => [Forms.OutOfPlace, Forms.InPlace],
    };

    /// <summary>The algorithms that do what this needs.</summary>
    public IEnumerable<ISchedule> Algorithms => Kind is { } kind ? KnownSchedules.For(kind).Where(schedule => schedule.Traits.HasFlag(Traits)) : [];
}

/// <summary>The forms of a collective.</summary>
[Flags]
internal enum Forms
{
    OutOfPlace = 1,
    InPlace = 2,
}
