namespace RdmaCollectives.Schedules.Verification;

/// <summary>The runs that make up the proof of one schedule for one shape, and what must hold at their ends.</summary>
internal sealed class Proof<TAlgebra, TValue>(ISchedule schedule, Shape shape, TAlgebra algebra, LaneProgram program, bool isExact)
    where TAlgebra : struct, IChunkAlgebra<TValue>
    where TValue : struct, IEquatable<TValue>
{
    private readonly int _chunks = schedule.ChunkCount(shape);
    private TValue[]? _results;

    /// <summary>Makes a run in every order with the declared credits, then looks for the least.</summary>
    public ScheduleReport Run(ReadOnlySpan<RunOrder> orders, int seed)
    {
        int credits = schedule.MinimumCredits(shape);
        ScheduleReport? report = null;
        foreach (RunOrder order in orders)
        {
            ScheduleModel<TAlgebra, TValue> model = CreateModel(credits, order, seed);
            if (!model.Run())
            {
                throw Deadlock.Describe(model, schedule, shape, credits);
            }

            CheckNothingLeft(model);
            CheckResults(model);
            report ??= Report(model);
        }

        while (credits > 0 && CreateModel(credits - 1, RunOrder.OldestFirst, seed).Run())
        {
            credits--;
        }

        return report! with { LeastCredits = credits };
    }

    private ScheduleModel<TAlgebra, TValue> CreateModel(int credits, RunOrder order, int seed) =>
        new(schedule, shape, algebra, program, new ReadyLanes(program.LaneCount, order, seed), credits, isExact ? new HappensBefore(shape.Ranks, shape.Channels) : null);

    private void CheckNothingLeft(ScheduleModel<TAlgebra, TValue> model)
    {
        foreach (Fifo<TValue> fifo in model.Fifos)
        {
            if (fifo.Count > 0)
            {
                int to = fifo.To / shape.Channels;
                throw Broken("postcondition", to, $"{fifo.Count} messages from rank {fifo.From / shape.Channels} on channel {fifo.To % shape.Channels} are never taken; the next call would");
            }
        }
    }

    /// <summary>Every output chunk of every rank is the one complete, finished value of that chunk, and that is the same expression in all runs.</summary>
    private void CheckResults(ScheduleModel<TAlgebra, TValue> model)
    {
        for (int rank = 0; rank < shape.Ranks; rank++)
        {
            for (int chunk = 0; chunk < _chunks; chunk++)
            {
                if (!model.Memory.HoldsResult(rank, chunk))
                {
                    throw WhyNotResult(model, rank, chunk);
                }
            }
        }

        var results = new TValue[_chunks];
        for (int chunk = 0; chunk < _chunks; chunk++)
        {
            results[chunk] = model.Memory.Result(chunk)!.Value;
            if (_results is not null && !_results[chunk].Equals(results[chunk]))
            {
                throw Broken("order", -1, $"chunk {chunk} is {algebra.Describe(_results[chunk])} in one run and {algebra.Describe(results[chunk])} in another");
            }
        }

        _results = results;
    }

    private ScheduleException WhyNotResult(ScheduleModel<TAlgebra, TValue> model, int rank, int chunk)
    {
        if (!model.Memory.TryRead(rank, StepBuffer.Output, chunk, out TValue value))
        {
            return Broken("postcondition", rank, $"nothing was stored in output chunk {chunk}");
        }

        string words = $"output chunk {chunk} is {algebra.Describe(value)}";
        if (!algebra.IsComplete(value) || algebra.ChunkOf(value) != chunk)
        {
            return Broken("postcondition", rank, $"{words}; the contribution of every rank is wanted, once");
        }

        return algebra.IsFinished(value)
            ? Broken("order", rank, $"{words}; another rank computes {algebra.Describe(model.Memory.Result(chunk)!.Value)}, and the bits may differ")
            : Broken("final", rank, $"{words}; no step has marked it final");
    }

    private ScheduleException Broken(string rule, int rank, string words) =>
        new(rule, rank, -1, $"{schedule.Name}, {shape}{(rank >= 0 ? $", rank {rank}" : "")}: {words}");

    private ScheduleReport Report(ScheduleModel<TAlgebra, TValue> model)
    {
        ReadOnlySpan<Lane<TValue>> lanes = model.Lanes;
        int steps = 0, messages = 0, reductions = 0, hops = 0;
        for (int rank = 0; rank < shape.Ranks; rank++)
        {
            int rankSteps = 0, rankMessages = 0, rankReductions = 0;
            foreach (ref readonly Lane<TValue> lane in lanes.Slice(rank * shape.Channels, shape.Channels))
            {
                rankSteps += lane.Count;
                rankMessages += lane.Messages;
                rankReductions += lane.Reductions;
                hops = Math.Max(hops, lane.Hops);
            }

            steps = Math.Max(steps, rankSteps);
            messages = Math.Max(messages, rankMessages);
            reductions = Math.Max(reductions, rankReductions);
        }

        bool isRankOrdered = Array.TrueForAll(_results!, value => algebra.IsRankOrdered(value));
        return new ScheduleReport(isExact, _chunks, steps, messages, reductions, hops, LeastCredits: -1, isRankOrdered);
    }
}
