namespace RdmaCollectives.Schedules.Tests.Verification;

/// <summary>Every change of one step that a slip of the pen could make.</summary>
internal static class Mutation
{
    /// <summary>All mutants of a schedule: a step dropped, doubled, swapped with any later one of its rank, or with one field changed to any other value.</summary>
    public static IEnumerable<(string What, ListedSchedule Mutant)> All(ISchedule original, Shape shape)
    {
        for (int rank = 0; rank < shape.Ranks; rank++)
        {
            int count = original.StepCount(shape, rank);
            for (int index = 0; index < count; index++)
            {
                Step step = original.GetStep(shape, rank, index);
                yield return Mutate(original, shape, rank, $"step {index} dropped", steps => steps.RemoveAt(index));
                yield return Mutate(original, shape, rank, $"step {index} doubled", steps => steps.Insert(index, step));
                for (int other = index + 1; other < count; other++)
                {
                    int second = other;
                    yield return Mutate(original, shape, rank, $"steps {index} and {second} swapped", steps => (steps[index], steps[second]) = (steps[second], steps[index]));
                }

                foreach (Step changed in Changes(step, shape, original.ChunkCount(shape), original.ScratchPlanes(shape)))
                {
                    yield return Mutate(original, shape, rank, $"step {index} changed to {changed}", steps => steps[index] = changed);
                }
            }
        }
    }

    private static (string What, ListedSchedule Mutant) Mutate(ISchedule original, Shape shape, int rank, string what, Action<List<Step>> change)
    {
        var mutant = new ListedSchedule(original, shape);
        change(mutant.Steps[rank]);
        return ($"{original.Collective} {original.Name}, {shape}, rank {rank}, {what}", mutant);
    }

    private static IEnumerable<Step> Changes(Step step, Shape shape, int chunks, int planes)
    {
        // Of a chunk: any place in its plane, and the same place in any other plane; one plane too many is among them.
        IEnumerable<int> Places(int chunk) => Enumerable.Range(0, chunks).Select(c => (chunk / chunks * chunks) + c).Concat(Enumerable.Range(0, planes + 1).Select(plane => (plane * chunks) + (chunk % chunks)));

        var fields = new StepFields(step);
        List<StepFields> changed = [fields with { IsFinal = !fields.IsFinal }, fields with { IsOwnLeft = !fields.IsOwnLeft }];
        changed.AddRange(Enum.GetValues<StepKind>().Select(kind => fields with { Kind = kind }));
        changed.AddRange(Enumerable.Range(0, shape.Ranks).Select(peer => fields with { From = peer }));
        changed.AddRange(Enumerable.Range(0, shape.Ranks).Select(peer => fields with { To = peer }));
        changed.AddRange(Places(step.Chunk).Select(chunk => fields with { Chunk = chunk }));
        changed.AddRange(Places(step.SourceChunk).Select(chunk => fields with { SourceChunk = chunk }));
        changed.AddRange(Enumerable.Range(1, chunks + 1).Select(count => fields with { Count = count }));
        changed.AddRange(Enumerable.Range(0, shape.Channels).Select(channel => fields with { Channel = channel }));
        changed.AddRange(Enum.GetValues<StepBuffer>().Select(buffer => fields with { Source = buffer }));
        changed.AddRange(Enum.GetValues<StepBuffer>().Select(buffer => fields with { Destination = buffer }));
        return changed.Select(static f => f.ToStep()).Where(candidate => candidate != step).Distinct();
    }

    /// <summary>The fields of a step, to change one and build it again. Fields that a kind does not have are lost in building.</summary>
    private sealed record StepFields(
        StepKind Kind, int Channel, int Chunk, int SourceChunk, int Count, int From, int To, StepBuffer Source, StepBuffer Destination, bool IsFinal, bool IsOwnLeft)
    {
        public StepFields(Step step)
            : this(step.Kind, step.Channel, step.Chunk, step.SourceChunk, step.Count, step.ReceivePeer, step.SendPeer, step.Source, step.Destination, step.IsFinal, step.IsOwnLeft)
        {
        }

        public Step ToStep() => Kind switch
        {
            StepKind.Send => Step.Send(Channel, Chunk, To, Source, Count),
            StepKind.Receive => Step.Receive(Channel, Chunk, From, Destination, Count),
            StepKind.ReceiveReduce => Step.ReceiveReduce(Channel, Chunk, From, Source, Destination, IsFinal, IsOwnLeft, Count),
            StepKind.ReceiveReduceSend => Step.ReceiveReduceSend(Channel, Chunk, From, To, Source, IsFinal, IsOwnLeft, Count),
            StepKind.ReceiveReduceCopySend => Step.ReceiveReduceCopySend(Channel, Chunk, From, To, Source, Destination, IsFinal, IsOwnLeft, Count),
            StepKind.ReceiveCopySend => Step.ReceiveCopySend(Channel, Chunk, From, To, Destination, Count),
            StepKind.Copy => Step.Copy(Channel, SourceChunk, Source, Chunk, Destination, IsFinal, Count),
            _ => Step.Reduce(Channel, SourceChunk, Source, Chunk, Destination, IsFinal, IsOwnLeft, Count),
        };
    }
}
