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
        CheckDeclarations(schedule, shape);
        return shape.Ranks <= ExactRankLimit
            ? new Proof<ExpressionAlgebra, int>(schedule, shape, new ExpressionAlgebra(shape.Ranks, schedule.ChunkCount(shape)), isExact: true).Run([RunOrder.OldestFirst, RunOrder.NewestFirst, RunOrder.Random])
            : new Proof<FingerprintAlgebra, Fingerprint>(schedule, shape, new FingerprintAlgebra(shape.Ranks), isExact: false).Run([RunOrder.OldestFirst]);
    }

    private static void CheckDeclarations(ISchedule schedule, in Shape shape)
    {
        if (!schedule.Supports(shape))
        {
            throw Undeclared(schedule, shape, -1, "it has no schedule for this shape (Supports)");
        }

        int chunks = schedule.ChunkCount(shape);
        if (chunks < 1)
        {
            throw Undeclared(schedule, shape, -1, $"it declares {chunks} chunks; at least 1 is needed");
        }

        if (schedule.Collective.HasBlocks() && chunks % shape.Ranks != 0)
        {
            throw Undeclared(schedule, shape, -1, $"it declares {chunks} chunks; {schedule.Collective} has a block per rank, so a multiple of {shape.Ranks} is needed");
        }

        if (schedule.MinimumCredits(shape) < 0)
        {
            throw Undeclared(schedule, shape, -1, $"it declares {schedule.MinimumCredits(shape)} credits; at least 0 is needed");
        }

        if (schedule.ScratchPlanes(shape) < 0)
        {
            throw Undeclared(schedule, shape, -1, $"it declares {schedule.ScratchPlanes(shape)} planes of scratch memory; at least 0 is needed");
        }

        for (int chunk = 0; chunk < chunks; chunk++)
        {
            if ((uint)schedule.ChannelOf(shape, chunk) >= (uint)shape.Channels)
            {
                throw Undeclared(schedule, shape, -1, $"chunk {chunk} is on channel {schedule.ChannelOf(shape, chunk)}, the shape has {shape.Channels}");
            }
        }

        for (int rank = 0; rank < shape.Ranks; rank++)
        {
            if (schedule.StepCount(shape, rank) < 0)
            {
                throw Undeclared(schedule, shape, rank, $"rank {rank} has {schedule.StepCount(shape, rank)} steps");
            }
        }
    }

    private static ScheduleException Undeclared(ISchedule schedule, in Shape shape, int rank, string words) => new("shape", rank, -1, $"{schedule.Name}, {shape}: {words}");
}
