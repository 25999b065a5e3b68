using RdmaCollectives.Schedules;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Planning;

/// <summary>A step of this rank with its connections bound.</summary>
internal readonly record struct PlanStep
{
    public required StepKind Kind { get; init; }

    public required StepBuffer Source { get; init; }

    public required StepBuffer Destination { get; init; }

    public required bool IsFinal { get; init; }

    /// <summary>Own operand is the left one.</summary>
    public required bool IsOwnLeft { get; init; }

    public required int Chunk { get; init; }

    public required int SourceChunk { get; init; }

    /// <summary>How many chunks, from these on.</summary>
    public required int Count { get; init; }

    public required Connection? Receive { get; init; }

    public required Connection? Send { get; init; }

    /// <summary>The first chunk of the output of the rank that it sends to, if what it sends is a result there and may be stored by this rank; else <see cref="ResultMessages.None"/>.</summary>
    public required int PeersChunk { get; init; }

    /// <summary>Where its elements lie, if that is the same in every call of the plan.</summary>
    public FixedRange? Fixed { get; init; }
}
