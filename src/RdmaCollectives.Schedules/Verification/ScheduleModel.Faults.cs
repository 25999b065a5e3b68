namespace RdmaCollectives.Schedules.Verification;

/// <content>The faults in words, apart from the steps: a method that formats text clears room for it on every call.</content>
internal sealed partial class ScheduleModel<TAlgebra, TValue>
{
    /// <summary>A broken rule at the lane's next step.</summary>
    public ScheduleException Broken(int lane, string rule, string words)
    {
        int rank = lane / _shape.Channels;
        int index = _program.IndexOf(lane, _lanes[lane].Position);
        return new ScheduleException(rule, rank, index, $"{_schedule.Name}, {_shape}, rank {rank}, step {index} ({_lanes[lane].Step}): {words}");
    }

    private ScheduleException OtherChunk(int lane, int chunk) =>
        Broken(lane, "shape", $"the oldest message from rank {_lanes[lane].Step.ReceivePeer} is chunk {chunk}, which may have another size");

    private ScheduleException Unreadable(int lane, StepBuffer buffer, int chunk) =>
        Broken(lane, "hazard", $"it reads {buffer}[{chunk}], {(buffer == StepBuffer.Input ? "which is overwritten when the call is in place" : "where nothing was stored")}");

    private ScheduleException NotToBeCombined(int lane, string rule, string words, in TValue left, in TValue right) =>
        Broken(lane, rule, $"{words}: {_algebra.Describe(left)} (+) {_algebra.Describe(right)}");

    private ScheduleException StoredTooEarly(int lane, int? reader)
    {
        Step step = _lanes[lane].Step;
        string reading = reader is null ? "while a message sent from there is not yet taken" : $"and nothing makes sure that rank {reader} has taken the message sent from there";
        return Broken(lane, "hazard", $"it stores to {step.Destination}[{step.Chunk}], {reading}");
    }
}
