namespace RdmaCollectives.Schedules.Verification;

/// <summary>
/// Proves a schedule by running it on symbolic values: that every rank ends with every contribution exactly once and in the same expression, finished once; that no chunk is overwritten while
/// a message sent from it is in flight, in place included; and that it comes to its end with the credits that it declares.
/// </summary>
/// <remarks>
/// The proof is exact up to <see cref="ExactRankLimit"/> ranks: expression trees, and vector clocks that find a hazard of any order of events in one run. Above,
/// values are 64-bit fingerprints and hazards are looked for in the order that is run: 10,000 ranks of a ring are 200 million steps,
/// some tens of seconds and some hundred megabytes.
/// </remarks>
public static class ScheduleVerifier
{
    /// <summary>The most ranks that are proved exactly.</summary>
    public const int ExactRankLimit = ExpressionAlgebra.RankLimit;

    private const int Seed = 20_009;

    /// <summary>Verifies a schedule for a shape.</summary>
    /// <param name="schedule">The schedule, one of ours or a user's own.</param>
    /// <param name="shape">The ranks, root and channels to verify it for.</param>
    /// <returns>What it costs.</returns>
    /// <exception cref="ScheduleException">It breaks a rule; the message says which, on which rank, at which step, and what is in the way.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The shape is out of its range.</exception>
    public static ScheduleReport Verify(ISchedule schedule, in Shape shape)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        shape.Validate();
        int chunks = CheckDeclarations(schedule, shape);
        var program = new LaneProgram(schedule, shape);
        if (shape.Ranks <= ExactRankLimit)
        {
            var proof = new Proof<ExpressionAlgebra, int>(schedule, shape, new ExpressionAlgebra(shape.Ranks, chunks), program, isExact: true);
            return proof.Run([RunOrder.OldestFirst, RunOrder.NewestFirst, RunOrder.Random], Seed);
        }

        var fingerprints = new Proof<FingerprintAlgebra, Fingerprint>(schedule, shape, new FingerprintAlgebra(shape.Ranks), program, isExact: false);
        return fingerprints.Run([RunOrder.OldestFirst], Seed);
    }

    private static int CheckDeclarations(ISchedule schedule, in Shape shape)
    {
        int chunks = schedule.ChunkCount(shape);
        if (chunks < 1)
        {
            throw new ScheduleException("shape", -1, -1, $"{schedule.Name}, {shape}: it declares {chunks} chunks; at least 1 is needed");
        }

        if (schedule.MinimumCredits(shape) < 0)
        {
            throw new ScheduleException("shape", -1, -1, $"{schedule.Name}, {shape}: it declares {schedule.MinimumCredits(shape)} credits; at least 0 is needed");
        }

        for (int chunk = 0; chunk < chunks; chunk++)
        {
            if ((uint)schedule.ChannelOf(shape, chunk) >= (uint)shape.Channels)
            {
                throw new ScheduleException("shape", -1, -1, $"{schedule.Name}, {shape}: chunk {chunk} is on channel {schedule.ChannelOf(shape, chunk)}, the shape has {shape.Channels}");
            }
        }

        for (int rank = 0; rank < shape.Ranks; rank++)
        {
            if (schedule.StepCount(shape, rank) < 0)
            {
                throw new ScheduleException("shape", rank, -1, $"{schedule.Name}, {shape}: rank {rank} has {schedule.StepCount(shape, rank)} steps");
            }
        }

        return chunks;
    }
}
