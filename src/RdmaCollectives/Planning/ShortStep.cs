using RdmaCollectives.Schedules;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Planning;

/// <summary>
/// A <see cref="PlanStep"/> of a small plan, ready to be done: its place and its length in bytes are known, and its message is so short that it is copied on its way in any case, so that neither windows nor registrations
/// matter. What there is to know of one step takes a cache line or little more, where the step itself takes three.
/// </summary>
internal readonly struct ShortStep
{
    private ShortStep(in PlanStep step, in FixedRange range, int elementSize)
    {
        Kind = step.Kind;
        Source = step.Source;
        Destination = step.Destination;
        IsFinal = step.IsFinal;
        IsOwnLeft = step.IsOwnLeft;
        ByteCount = (uint)(range.Count * (ulong)elementSize);
        Count = range.Count;
        SourceByte = range.Source * (ulong)elementSize;
        DestinationByte = range.Destination * (ulong)elementSize;
        Send = step.Send;
        Receive = step.Receive;
        IsShort = true;
    }

    /// <summary>Whether this is one; else the step itself is to be done.</summary>
    public readonly bool IsShort;

    public readonly StepKind Kind;

    public readonly StepBuffer Source;

    public readonly StepBuffer Destination;

    public readonly bool IsFinal;

    public readonly bool IsOwnLeft;

    /// <summary>Of the message.</summary>
    public readonly uint ByteCount;

    /// <summary>Elements.</summary>
    public readonly ulong Count;

    public readonly ulong SourceByte;

    public readonly ulong DestinationByte;

    public readonly Connection? Send;

    public readonly Connection? Receive;

    /// <summary>The same steps as short ones, as far as they are.</summary>
    public static ShortStep[] Of(PlanStep[] steps, int elementSize) => [.. steps.Select(step =>
        step.Fixed is { } range && range.Count * (ulong)elementSize < Plan.SendFromBytes && step.Kind is StepKind.Send or StepKind.Receive or StepKind.ReceiveReduce or StepKind.Copy
            ? new ShortStep(step, range, elementSize)
            : default)];
}
