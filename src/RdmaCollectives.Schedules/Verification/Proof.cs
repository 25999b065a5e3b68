namespace RdmaCollectives.Schedules.Verification;

/// <summary>The runs that make up the proof of one schedule for one shape, and what must hold at their ends.</summary>
internal sealed class Proof<TAlgebra, TValue>(ISchedule schedule, Shape shape, TAlgebra algebra, bool isExact)
    where TAlgebra : struct, IChunkAlgebra<TValue>
    where TValue : struct, IEquatable<TValue>
{
    private const int Seed = 20_009;

    private readonly BufferLayout _layout = new(schedule, shape);
    private readonly LaneProgram _program = new(schedule, shape);
    private readonly Results<TAlgebra, TValue> _results = new(schedule, new BufferLayout(schedule, shape), algebra);

    /// <summary>Makes a run in every order with the declared credits, then looks for the least.</summary>
    public ScheduleReport Run(ReadOnlySpan<RunOrder> orders)
    {
        var rules = new StepRules(schedule, _layout);
        int credits = schedule.MinimumCredits(shape);
        ScheduleReport? report = null;
        Sample? sample = isExact ? null : Sample.For(_layout, Seed);
        foreach (RunOrder order in orders)
        {
            ScheduleModel<TAlgebra, TValue> model = CreateModel(rules, credits, order, isExact || report is null, sample);
            if (!model.Run())
            {
                throw Deadlock.Describe(model, schedule, shape, credits);
            }

            CheckNothingLeft(model);
            if (schedule.Traits.HasFlag(ScheduleTraits.OpenOutput) && !model.KeepsOutputOpen)
            {
                throw model.NotOpen();
            }

            long proved = _results.Check(model, sample);
            report ??= Report(model, proved);
        }

        CheckDeclared(report!);
        return report! with { LeastCredits = LeastCredits(rules, credits) };
    }

    private ScheduleModel<TAlgebra, TValue> CreateModel(StepRules rules, int credits, RunOrder order, bool withValues, Sample? sample) =>
        new(
            schedule,
            _layout,
            rules,
            algebra,
            _program,
            new ReadyLanes(_program.LaneCount, order, Seed),
            credits,
            withValues ? new ChunkMemory<TAlgebra, TValue>(algebra, _layout, sample) : null,
            withValues && isExact ? new HappensBefore(_layout) : null,
            withValues && _layout.Collective == CollectiveKind.Barrier ? new Knowledge(shape) : null);

    private void CheckNothingLeft(ScheduleModel<TAlgebra, TValue> model)
    {
        foreach (Fifo<TValue> fifo in model.Fifos)
        {
            if (fifo.Count > 0)
            {
                int to = fifo.To / shape.Channels;
                throw _results.Broken("postcondition", to, $"{fifo.Count} messages from rank {fifo.From / shape.Channels} on channel {fifo.To % shape.Channels} are never taken; the next call would");
            }
        }
    }

    private void CheckDeclared(ScheduleReport report)
    {
        int declared = schedule.MessageChunks(shape);
        if (declared != report.MessageChunks)
        {
            throw _results.Broken("shape", -1, $"it declares messages of up to {declared} chunks (MessageChunks); its largest has {report.MessageChunks}");
        }

        ScheduleTraits lacking = schedule.Traits & ~report.Traits;
        if (lacking != ScheduleTraits.None)
        {
            throw _results.Broken("traits", -1, $"it promises {lacking}, and does not keep it{_results.WhyNot(lacking)}");
        }
    }

    /// <summary>The least credits with which it comes to its end. More never hurt, so the range can be halved; as a rule one below the declared number is all that is to be tried.</summary>
    private int LeastCredits(StepRules rules, int declared)
    {
        int deadlocks = -1;
        int runs = declared;
        for (int next = declared - 1; runs - deadlocks > 1; next = deadlocks + ((runs - deadlocks) / 2))
        {
            bool ends = CreateModel(rules, next, RunOrder.OldestFirst, withValues: false, sample: null).Run();
            (deadlocks, runs) = ends ? (deadlocks, next) : (next, runs);
        }

        return runs;
    }

    private ScheduleReport Report(ScheduleModel<TAlgebra, TValue> model, long proved)
    {
        int steps = 0, messages = 0, hops = 0;
        long sent = 0, reduced = 0, total = 0;
        for (int rank = 0; rank < shape.Ranks; rank++)
        {
            int rankSteps = 0, rankMessages = 0;
            long rankSent = 0, rankReduced = 0;
            foreach (ref readonly Lane<TValue> lane in model.Lanes.Slice(rank * shape.Channels, shape.Channels))
            {
                rankSteps += lane.Count;
                rankMessages += lane.Messages;
                rankSent += lane.ChunksSent;
                rankReduced += lane.ChunksReduced;
                hops = Math.Max(hops, lane.Hops);
            }

            steps = Math.Max(steps, rankSteps);
            messages = Math.Max(messages, rankMessages);
            sent = Math.Max(sent, rankSent);
            reduced = Math.Max(reduced, rankReduced);
            total += rankSent;
        }

        return new ScheduleReport
        {
            IsExact = isExact,
            Chunks = _layout.Chunks,
            OutputChunks = _results.Count,
            ChunksProved = proved,
            Steps = steps,
            MessagesSent = messages,
            ChunksSent = sent,
            TotalChunksSent = total,
            MessageChunks = model.GreatestMessage,
            ScratchPlanes = model.PlanesNamed,
            Reductions = reduced,
            Hops = hops,
            LeastCredits = -1,
            Traits = _results.Traits()
                | (model.KeepsBlocks ? ScheduleTraits.VariableBlocks : ScheduleTraits.None)
                | (model.KeepsOutputOpen ? ScheduleTraits.OpenOutput : ScheduleTraits.None),
        };
    }
}
