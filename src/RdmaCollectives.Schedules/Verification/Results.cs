namespace RdmaCollectives.Schedules.Verification;

/// <summary>What must be in the outputs at the end of every run: the postcondition of each collective.</summary>
internal sealed class Results<TAlgebra, TValue>(ISchedule schedule, BufferLayout layout, TAlgebra algebra)
    where TAlgebra : struct, IChunkAlgebra<TValue>
    where TValue : struct, IEquatable<TValue>
{
    private readonly Shape _shape = layout.Shape;

    // Of a collective that reduces: the one value of each chunk, by chunk, from the first run on.
    private readonly Dictionary<int, TValue> _reduced = [];

    /// <summary>The output chunks of all ranks.</summary>
    public long Count => layout.Collective == CollectiveKind.Barrier ? 0 : Enumerable.Range(0, _shape.Ranks).Sum(rank => (long)layout.OutputOf(rank).Count);

    /// <summary>Checks the outputs at the end of a run.</summary>
    /// <returns>How many output chunks were checked.</returns>
    public long Check(ScheduleModel<TAlgebra, TValue> model, Sample? sample)
    {
        long proved = 0;
        for (int rank = 0; rank < _shape.Ranks; rank++)
        {
            if (layout.Collective == CollectiveKind.Barrier)
            {
                CheckKnowledge(model, rank);
                continue;
            }

            ChunkRange output = layout.OutputOf(rank);
            for (int chunk = output.First; chunk < output.First + output.Count; chunk++)
            {
                (int from, int origin) = layout.Collective.IsReducing() ? (rank, chunk) : layout.OriginOf(rank, chunk);
                if (sample is not null && !Bits.Has(sample.Of(from), origin))
                {
                    continue;
                }

                proved++;
                if (!model.Memory!.TryReadOutput(rank, chunk, out TValue value))
                {
                    throw Broken("postcondition", rank, sample is null ? $"nothing was stored in output chunk {chunk}" : $"output chunk {chunk} is not made of what belongs there");
                }

                if (layout.Collective.IsReducing())
                {
                    CheckReduced(rank, chunk, value);
                }
                else if (!value.Equals(algebra.Input(from, origin)))
                {
                    throw Broken("postcondition", rank, $"output chunk {chunk} is {algebra.Describe(value)}; {algebra.Describe(algebra.Input(from, origin))} is wanted");
                }
            }
        }

        return proved;
    }

    /// <summary>The traits of the results that were checked.</summary>
    public ScheduleTraits Traits() =>
        (_reduced.Values.All(value => algebra.IsRankOrdered(value)) ? ScheduleTraits.RankOrdered : ScheduleTraits.None)
        | (_reduced.All(result => result.Value.Equals(Canonical(result.Key))) ? ScheduleTraits.FixedTree : ScheduleTraits.None);

    /// <summary>An example of a result that lacks a trait, in words.</summary>
    public string WhyNot(ScheduleTraits lacking)
    {
        foreach ((int chunk, TValue value) in _reduced)
        {
            if (lacking.HasFlag(ScheduleTraits.RankOrdered) && !algebra.IsRankOrdered(value))
            {
                return $": chunk {chunk} is {algebra.Describe(value)}";
            }

            if (lacking.HasFlag(ScheduleTraits.FixedTree) && !value.Equals(Canonical(chunk)))
            {
                return $": chunk {chunk} is {algebra.Describe(value)}; the fixed tree is {algebra.Describe(Canonical(chunk))}";
            }
        }

        return "";
    }

    /// <summary>A rule that is broken at the end of a run.</summary>
    public ScheduleException Broken(string rule, int rank, string words) =>
        new(rule, rank, -1, $"{schedule.Name}, {_shape}{(rank >= 0 ? $", rank {rank}" : "")}: {words}");

    private void CheckKnowledge(ScheduleModel<TAlgebra, TValue> model, int rank)
    {
        int unknown = model.Known!.FirstUnknown(rank);
        if (unknown >= 0)
        {
            throw Broken("postcondition", rank, $"it may end before rank {unknown} has begun");
        }
    }

    private void CheckReduced(int rank, int chunk, in TValue value)
    {
        string Is(in TValue it) => $"output chunk {chunk} is {algebra.Describe(it)}";
        if (!algebra.IsComplete(value) || algebra.ChunkOf(value) != chunk)
        {
            throw Broken("postcondition", rank, $"{Is(value)}; the contribution of every rank is wanted, once");
        }

        if (!algebra.IsFinished(value))
        {
            throw Broken("final", rank, $"{Is(value)}; no step has marked it final");
        }

        if (!_reduced.TryAdd(chunk, value) && !_reduced[chunk].Equals(value))
        {
            throw Broken("order", rank, $"{Is(value)}; another rank computes {algebra.Describe(_reduced[chunk])}, and the bits may differ");
        }
    }

    private TValue Canonical(int chunk) =>
        algebra.Finish(FixedTree.Evaluate(_shape.Ranks, rank => algebra.Input(rank, chunk), (left, right) => algebra.Combine(left, right)));
}
