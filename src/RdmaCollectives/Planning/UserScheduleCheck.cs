using RdmaCollectives.Diagnostics;
using RdmaCollectives.Schedules;
using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Planning;

/// <summary>Verifies a user's schedule for the shape of a call, before the first message of it.</summary>
internal static class UserScheduleCheck
{
    /// <summary>A hash of the steps of all ranks, so that ranks with different schedules under one name notice; and whether results may be stored by their senders (<see cref="ScheduleTraits.OpenOutput"/>).</summary>
    /// <exception cref="ScheduleException">It breaks a rule.</exception>
    public static (uint Hash, bool Opens) Verify(ISchedule schedule, in Shape shape)
    {
        ScheduleReport report = ScheduleVerifier.Verify(schedule, shape);
        var hash = new Fnv1a();
        for (int rank = 0; rank < shape.Ranks; rank++)
        {
            int count = schedule.StepCount(shape, rank);
            hash.Add((ulong)count);
            for (int index = 0; index < count; index++)
            {
                hash.Add(schedule.GetStep(shape, rank, index).ToString());
            }
        }

        return (hash.Value, report.Traits.HasFlag(ScheduleTraits.OpenOutput));
    }
}
