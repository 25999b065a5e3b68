using System.Globalization;
using System.Text;

namespace RdmaCollectives.Schedules.Verification;

/// <summary>Says who waits for whom when a run ended early.</summary>
internal static class Deadlock
{
    private const int LinesShown = 16;

    /// <summary>The exception for a run in which nothing can go on and not all are done.</summary>
    public static ScheduleException Describe<TAlgebra, TValue>(ScheduleModel<TAlgebra, TValue> model, ISchedule schedule, in Shape shape, int credits)
        where TAlgebra : struct, IChunkAlgebra<TValue>
        where TValue : struct, IEquatable<TValue>
    {
        ReadOnlySpan<Lane<TValue>> lanes = model.Lanes;
        var words = new StringBuilder();
        int waiting = 0;
        ScheduleException? first = null;
        for (int index = 0; index < lanes.Length; index++)
        {
            ref readonly Lane<TValue> lane = ref lanes[index];
            if (lane.IsDone)
            {
                continue;
            }

            bool lacksMessage = lane.Step.HasReceive && lane.Incoming!.Count == 0;
            string reason = lacksMessage ? $"a message from rank {lane.Step.ReceivePeer}" : $"room in the FIFO to rank {lane.Step.SendPeer}";
            first ??= model.Broken(index, "deadlock", reason);
            if (waiting++ < LinesShown)
            {
                words.Append(CultureInfo.InvariantCulture, $"\n  rank {index / shape.Channels}, channel {index % shape.Channels}, position {lane.Position} ({lane.Step}) waits for {reason}");
            }
        }

        string more = waiting > LinesShown ? $"\n  and {waiting - LinesShown} more" : "";
        return new ScheduleException("deadlock", first!.Rank, first.Step, $"{schedule.Name}, {shape}, with {credits} credits: {waiting} of {lanes.Length} lanes wait for ever{words}{more}");
    }
}
