namespace RdmaCollectives.Schedules.Verification;

/// <content>The faults in words, apart from the steps: a method that formats text clears room for it on every call.</content>
internal sealed partial class ScheduleModel<TAlgebra, TValue>
{
    /// <summary>A broken rule at the lane's next step.</summary>
    public ScheduleException Broken(int lane, string rule, string words)
    {
        int rank = lane / _channels;
        int index = _program.IndexOf(lane, _lanes[lane].Position);
        return new ScheduleException(rule, rank, index, $"{_schedule.Name}, {_layout.Shape}, rank {rank}, step {index} ({_lanes[lane].Step}): {words}");
    }

    private ScheduleException Forbidden(int lane, int rank, in Step step)
    {
        (string rule, string words) = _rules.Violation(rank, step) ?? throw new InvalidOperationException($"Step {step} is refused, and no rule says why.");
        return Broken(lane, rule, words);
    }

    private ScheduleException OtherChunks(int lane, in Message<TValue> message) =>
        Broken(
            lane,
            "shape",
            message.Count != _lanes[lane].Step.Count
                ? $"the oldest message from rank {_lanes[lane].Step.ReceivePeer} is {message.Count} chunks"
                : $"the oldest message from rank {_lanes[lane].Step.ReceivePeer} is chunk {message.Chunk} there, which may have another size");

    private ScheduleException OtherBlock(int lane, in Message<TValue> message) =>
        Broken(lane, "traits", $"it promises VariableBlocks, and takes chunk {message.Chunk} of {message.Buffer} of rank {_lanes[lane].Step.ReceivePeer}, whose size it does not know");

    private ScheduleException OtherBlock(int lane) =>
        Broken(lane, "traits", "it promises VariableBlocks, and moves a chunk to where one of another size has room");

    /// <summary>A message that its sender could not have stored in the output, where there is one.</summary>
    public ScheduleException NotOpen()
    {
        ((int rank, int chunk), (int lane, int position, int user)) = _notOpen.MinBy(static entry => entry.Key);
        Step step = _program[lane, position];
        int index = _program.IndexOf(lane, position);
        string use = user == rank ? "an earlier step of its own uses the memory" : $"rank {user} still reads what was sent from there";
        return new ScheduleException("traits", rank, index, $"{_schedule.Name}, {_layout.Shape}, rank {rank}, step {index} ({step}): it promises OpenOutput, and Output[{chunk}] may come while {use}: rank {step.ReceivePeer} cannot know that to be over when it sends");
    }

    private ScheduleException Unreadable(int lane, StepBuffer buffer, int chunk) =>
        Broken(lane, "hazard", $"it reads {buffer}[{chunk}], {(buffer == StepBuffer.Input ? "which is overwritten when the call is in place" : "where nothing was stored")}");

    private ScheduleException NotToBeCombined(int lane, string rule, string words, in TValue left, in TValue right) =>
        Broken(lane, rule, $"{words}: {_algebra.Describe(left)} (+) {_algebra.Describe(right)}");

    private ScheduleException Unrelated(int lane, Payload<TValue>? own, Payload<TValue>? other) =>
        Broken(lane, "postcondition", $"these do not belong together: {Describe(own)} and {Describe(other)}");

    private string Describe(Payload<TValue>? values) =>
        values is null ? "values of other chunks" : _algebra.Describe(values[0].Value) + (values.Count > 1 ? $" and {values.Count - 1} more" : "");

    private ScheduleException StoredTooEarly(int lane, int? reader)
    {
        Step step = _lanes[lane].Step;
        string chunks = step.Count == 1 ? $"{step.Destination}[{step.Chunk}]" : $"{step.Destination}[{step.Chunk}+{step.Count}]";
        string reading = reader is null ? "while a message sent from there is not yet taken" : $"and nothing makes sure that rank {reader} has taken the message sent from there";
        return Broken(lane, "hazard", $"it stores to {chunks}, {reading}");
    }
}
