using RdmaCollectives.Planning;
using RdmaCollectives.Schedules;

namespace RdmaCollectives.Tests.Planning;

public sealed class InputCopyTests
{
    private const ulong Count = 16;

    /// <summary>The direct schedule of two ranks: copy, send the copy, reduce into the output.</summary>
    [Fact]
    public void TryDrop_CopyIsSentBeforeTheOutputIsWritten_SendsTheInput()
    {
        List<PlanStep> steps = [Copy(), Send(StepBuffer.Scratch, 0), Reduce(StepBuffer.Input)];
        Assert.True(InputCopy.TryDrop(steps, elementSize: 4));
        Assert.Equal([StepKind.Send, StepKind.ReceiveReduce], steps.Select(static step => step.Kind));
        Assert.Equal((StepBuffer.Input, new FixedRange(0, 0, Count)), (steps[0].Source, steps[0].Fixed));
    }

    /// <summary>The last exchange of recursive doubling: the reduction reads the copy and writes the output, element by element, which is right in place, too.</summary>
    [Fact]
    public void TryDrop_FirstWriteOfTheOutputReadsTheCopy_ReadsTheInput()
    {
        List<PlanStep> steps = [Copy(), Send(StepBuffer.Scratch, 0), Reduce(StepBuffer.Scratch)];
        Assert.True(InputCopy.TryDrop(steps, elementSize: 4));
        Assert.Equal([StepBuffer.Input, StepBuffer.Input], steps.Select(static step => step.Source));
    }

    /// <summary>In place the input is no more what was copied.</summary>
    [Fact]
    public void TryDrop_CopyIsReadAfterTheOutputIsWritten_Stays() => AssertStays([Copy(), Reduce(StepBuffer.Input), Send(StepBuffer.Scratch, 0)]);

    [Fact]
    public void TryDrop_CopyIsWritten_Stays() => AssertStays([Copy(), Reduce(StepBuffer.Scratch) with { Destination = StepBuffer.Scratch }, Send(StepBuffer.Scratch, 0)]);

    [Fact]
    public void TryDrop_AnotherPlaneIsWritten_IsDropped()
    {
        List<PlanStep> steps = [Copy(), Reduce(StepBuffer.Scratch) with { Destination = StepBuffer.Scratch, Fixed = new FixedRange(0, Count, Count) }, Send(StepBuffer.Scratch, Count)];
        Assert.True(InputCopy.TryDrop(steps, elementSize: 4));
        Assert.Equal([StepBuffer.Input, StepBuffer.Scratch], steps.Select(static step => step.Source));
    }

    [Fact]
    public void TryDrop_PartOfTheCopyIsRead_Stays() => AssertStays([Copy(), Send(StepBuffer.Scratch, 0) with { Fixed = new FixedRange(0, 0, Count / 2) }]);

    /// <summary>Such a message may be sent from where it lies, and is read there at any time until the call ends.</summary>
    [Fact]
    public void TryDrop_MessageIsNotCopiedIntoASlot_Stays() => AssertStays([Copy(), Send(StepBuffer.Scratch, 0), Reduce(StepBuffer.Input)], elementSize: (int)(Plan.SendFromBytes / Count));

    [Fact]
    public void TryDrop_PlaceChangesFromRoundToRound_Stays() => AssertStays([Copy(), Send(StepBuffer.Scratch, 0) with { Fixed = null }]);

    private static void AssertStays(List<PlanStep> steps, int elementSize = 4)
    {
        PlanStep[] before = [.. steps];
        Assert.False(InputCopy.TryDrop(steps, elementSize));
        Assert.Equal(before, steps);
    }

    private static PlanStep Copy() => Step(StepKind.Copy, StepBuffer.Input, StepBuffer.Scratch);

    private static PlanStep Send(StepBuffer source, ulong first) => Step(StepKind.Send, source, StepBuffer.Output) with { Fixed = new FixedRange(first, 0, Count) };

    private static PlanStep Reduce(StepBuffer source) => Step(StepKind.ReceiveReduce, source, StepBuffer.Output);

    private static PlanStep Step(StepKind kind, StepBuffer source, StepBuffer destination) => new()
    {
        Kind = kind,
        Source = source,
        Destination = destination,
        IsFinal = false,
        IsOwnLeft = false,
        Chunk = 0,
        SourceChunk = 0,
        PeersChunk = ResultMessages.None,
        Count = 1,
        Receive = null,
        Send = null,
        Fixed = new FixedRange(0, 0, Count),
    };
}
