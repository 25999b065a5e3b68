using RdmaCollectives.Diagnostics;
using RdmaCollectives.Memory;
using RdmaCollectives.Schedules;
using RdmaCollectives.Topology;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Planning;

/// <summary>Turns a call into a <see cref="Plan"/>: chooses the schedule, lays out the elements, takes this rank's steps and binds their connections.</summary>
internal sealed class PlanCompiler(int rank, int ranks, int channels, int slotBytes, ConnectionTable connections)
{
    public Plan Compile(in PlanKey key)
    {
        (ISchedule schedule, Shape shape) = AlgorithmTable.Choose(key, ranks, channels);
        var partition = new Partition(key.ElementCount, key.ElementSize, schedule.ChunkCount(shape), slotBytes);
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
            steps[step.Channel].Add(Bind(step));
        }

        Connection[] sends = [.. steps.SelectMany(list => list).Select(step => step.Send).OfType<Connection>().Distinct()];
        IEnumerable<Connection> receives = steps.SelectMany(list => list).Select(step => step.Receive).OfType<Connection>();
        return new Plan
        {
            Key = key,
            Algorithm = schedule.Name,
            Partition = partition,
            Channels = [.. steps.Select((list, channel) => new ChannelProgram(channel, [.. list]))],
            SendConnections = sends,
            Transports = [.. sends.Concat(receives).Select(connections.TransportOf).Distinct()],
            Fingerprint = Fingerprint(schedule.Name, shape, partition),
            Scratch = needsScratch ? new NativeBuffer((nuint)(partition.ScratchElements * (ulong)key.ElementSize)) : null,
        };
    }

    private PlanStep Bind(Step step) => new()
    {
        Kind = step.Kind,
        Source = step.Source,
        Destination = step.Destination,
        IsFinal = step.IsFinal,
        IsOwnLeft = step.IsOwnLeft,
        Chunk = step.Chunk,
        SourceChunk = step.SourceChunk,
        Receive = step.HasReceive ? connections.Get(step.ReceivePeer, step.Channel) : null,
        Send = step.HasSend ? connections.Get(step.SendPeer, step.Channel) : null,
    };

    // Over what the boundaries of messages follow from.
    private static uint Fingerprint(string name, in Shape shape, in Partition partition)
    {
        var hash = new Fnv1a();
        hash.Add(name);
        foreach (ulong value in (ReadOnlySpan<ulong>)[(ulong)shape.Ranks, (ulong)shape.Channels, (ulong)shape.Root, partition.FullChunk, partition.LastChunk, (ulong)partition.Rounds])
        {
            hash.Add(value);
        }

        return hash.Value;
    }
}
