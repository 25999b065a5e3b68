using RdmaCollectives.Diagnostics;
using RdmaCollectives.Memory;
using RdmaCollectives.Schedules;
using RdmaCollectives.Topology;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Planning;

/// <summary>Turns a call into a <see cref="Plan"/>: chooses the schedule, lays out the elements, takes this rank's steps and binds their connections.</summary>
internal sealed class PlanCompiler(int rank, int ranks, int localRanks, int channels, int slotBytes, int slots, ConnectionTable connections, ScheduleSet schedules, bool overSharedMemory = false)
{
    public Plan Compile(in PlanKey key)
    {
        (ISchedule schedule, Shape shape) = AlgorithmTable.Choose(key, schedules, new Shape(ranks, key.Root, channels, localRanks), slots, overSharedMemory);
        (uint stepsOfAll, bool opens) = schedules.IsUsers(schedule) ? UserScheduleCheck.Verify(schedule, shape) : (0, true);
        var layout = new Layout(key, rank, ranks, schedule.ChunkCount(shape), schedule.MessageChunks(shape), slotBytes);
        ResultMessages? results = opens && IsWorthStoring(key, layout) ? new ResultMessages(schedule, shape, rank) : null;
        var steps = new List<PlanStep>[shape.Channels];
        for (int channel = 0; channel < steps.Length; channel++)
        {
            steps[channel] = [];
        }

        bool needsScratch = false;
        int count = schedule.StepCount(shape, rank);
        for (int index = 0; index < count; index++)
        {
            Step step = schedule.GetStep(shape, rank, index);
            needsScratch |= step.Source == StepBuffer.Scratch || step.Destination == StepBuffer.Scratch;
            steps[step.Channel].Add(Bind(schedule, step, layout, results));
        }

        if (steps.Length == 1)
        {
            needsScratch &= !InputCopy.TryDrop(steps[0], key.ElementSize) || steps[0].Any(static step => step.Source == StepBuffer.Scratch || step.Destination == StepBuffer.Scratch);
        }

        Connection[] sends = [.. steps.SelectMany(list => list).Select(step => step.Send).OfType<Connection>().Distinct()];
        PlanStep[] storing = [.. steps.SelectMany(static list => list).Where(static step => step is { Kind: StepKind.Receive or StepKind.ReceiveCopySend, Destination: StepBuffer.Output })];
        IEnumerable<Connection> receives = steps.SelectMany(list => list).Select(step => step.Receive).OfType<Connection>();
        bool isSmall = !layout.IsVariable && layout.Rounds == 1 && layout.LastChunk * (ulong)key.ElementSize < Plan.SendFromBytes;
        int elementSize = key.ElementSize;
        ulong scratch = needsScratch ? layout.ScratchElements * (ulong)schedule.ScratchPlanes(shape) : 0;
        return new Plan(key, sends, [.. sends.Concat(receives).Select(connections.TransportOf).Distinct()])
        {
            Algorithm = schedule.Name,
            Layout = layout,
            Channels = [.. steps.Select((list, channel) => new ChannelProgram(channel, [.. list], isSmall ? ShortStep.Of([.. list], elementSize) : []))],
            Fingerprint = Fingerprint(schedule.Name, shape, layout, stepsOfAll),
            IsSmall = isSmall,
            Storers = results is null ? [] : [.. storing.Select(static step => step.Receive!).Where(static connection => connection.HasWindows).DistinctBy(static connection => (connection.Peer, connection.WindowChannel))],
            Scratch = needsScratch ? new NativeBuffer((nuint)(scratch * (ulong)key.ElementSize)) : null,
        };
    }

    // Small messages are copied on their way in any case, and where blocks are of different sizes this rank does not know the places of others.
    private static bool IsWorthStoring(in PlanKey key, Layout layout) =>
        !layout.IsVariable && key.Collective != CollectiveKind.Barrier && (layout.Rounds > 1 ? layout.FullChunk : layout.LastChunk) * (ulong)key.ElementSize >= Plan.SendFromBytes;

    private PlanStep Bind(ISchedule schedule, Step step, Layout layout, ResultMessages? results)
    {
        Connection? send = step.HasSend ? ConnectionTo(schedule, step.SendPeer, step.Channel) : null;
        return new PlanStep
        {
            Kind = step.Kind,
            Source = step.Source,
            Destination = step.Destination,
            IsFinal = step.IsFinal,
            IsOwnLeft = step.IsOwnLeft,
            Chunk = step.Chunk,
            SourceChunk = step.SourceChunk,
            Count = step.Count,
            Receive = step.HasReceive ? ConnectionTo(schedule, step.ReceivePeer, step.Channel) : null,
            Send = send,
            PeersChunk = send is { HasWindows: true } && results is not null ? results.Next(step.SendPeer, step.Channel) : ResultMessages.None,
            Fixed = layout.IsVariable || layout.Rounds > 1 ? null : FixedRangeOf(step, layout),
        };
    }

    private static FixedRange? FixedRangeOf(Step step, Layout layout)
    {
        ulong source = 0, destination = 0, count = 0;
        bool isOnePiece = (step.Kind is StepKind.Receive or StepKind.ReceiveCopySend || layout.LocateRange(step.Source, 0, step.SourceChunk, step.Count, out source, out count))
            && (step.Kind is StepKind.Send or StepKind.ReceiveReduceSend || layout.LocateRange(step.Destination, 0, step.Chunk, step.Count, out destination, out count));
        return isOnePiece ? new FixedRange(source, destination, count) : null;
    }

    private Connection ConnectionTo(ISchedule schedule, int peer, int channel) =>
        connections.TryGet(peer, channel) ?? throw new ArgumentException(
            $"{schedule.Collective} by '{schedule.Name}' needs a connection from rank {rank} to rank {peer} on channel {channel}, and there is none: all channels join neighbours on the ring, and one joins all ranks up to {ConnectionTable.FullMeshRankLimit} (beyond, those at distances of powers of two). Name another algorithm, or none.", "options");

    // Over what the boundaries of messages follow from; a user's schedule could differ under one name, so its steps count too.
    private static uint Fingerprint(string name, in Shape shape, Layout layout, uint steps)
    {
        var hash = new Fnv1a();
        hash.Add(name);
        foreach (ulong value in (ReadOnlySpan<ulong>)[(ulong)shape.Ranks, (ulong)shape.Channels, (ulong)shape.Root, layout.FullChunk, layout.IsVariable ? 0 : layout.LastChunk, layout.IsVariable ? 0 : (ulong)layout.Rounds, steps])
        {
            hash.Add(value);
        }

        return hash.Value;
    }
}
