namespace RdmaCollectives.Schedules.Verification;

/// <content>What a step does to the values of its chunks.</content>
internal sealed partial class ScheduleModel<TAlgebra, TValue>
{
    /// <summary>The values that the step produces; null when none is followed. What it received is used up.</summary>
    private Payload<TValue>? Compute(int laneIndex, int rank, in Step step, Payload<TValue>? received)
    {
        Payload<TValue>? values = received;
        if (!step.HasReceive || step.HasReduce)
        {
            values = Read(laneIndex, rank, step, step.Source, step.SourceChunk);
            if (step.HasReduce)
            {
                Payload<TValue>? other = step.HasReceive ? received : Read(laneIndex, rank, step, step.Destination, step.Chunk);
                Combine(laneIndex, step, values, other);
                _payloads.Return(other);
            }
        }

        if (step.IsFinal && values is not null)
        {
            Finish(laneIndex, values);
        }

        return values;
    }

    private Payload<TValue>? Read(int laneIndex, int rank, in Step step, StepBuffer buffer, int chunk)
    {
        ChunkRange range = _layout.Locate(buffer, chunk, step.Count);
        PlanesNamed = Math.Max(PlanesNamed, range.Plane);
        Payload<TValue> values = _payloads.Rent();
        int fault = Memory!.Read(rank, buffer, range, values);
        if (fault >= 0)
        {
            throw Unreadable(laneIndex, buffer, chunk - range.First + range.At(fault, _layout.Chunks));
        }

        if (values.Count > 0)
        {
            return values;
        }

        _payloads.Return(values);
        return null;
    }

    /// <summary>Combines the chunks of <paramref name="own"/>, in place, with those of <paramref name="other"/>. Both must be followed at the same offsets.</summary>
    private void Combine(int laneIndex, in Step step, Payload<TValue>? own, Payload<TValue>? other)
    {
        int count = own?.Count ?? 0;
        if (count != (other?.Count ?? 0))
        {
            throw Unrelated(laneIndex, own, other);
        }

        for (int i = 0; i < count; i++)
        {
            ref (int Offset, TValue Value) entry = ref own![i];
            (int offset, TValue value) = other![i];
            if (entry.Offset != offset)
            {
                throw Unrelated(laneIndex, own, other);
            }

            entry.Value = Combine(laneIndex, step.IsOwnLeft ? entry.Value : value, step.IsOwnLeft ? value : entry.Value);
        }
    }

    private TValue Combine(int laneIndex, in TValue left, in TValue right)
    {
        if (_algebra.IsFinished(left) || _algebra.IsFinished(right))
        {
            throw NotToBeCombined(laneIndex, "final", "it reduces a final value", left, right);
        }

        if (_algebra.ChunkOf(left) != _algebra.ChunkOf(right) || _algebra.Overlap(left, right))
        {
            throw NotToBeCombined(laneIndex, "postcondition", "these do not belong together", left, right);
        }

        return _algebra.Combine(left, right);
    }

    private void Finish(int laneIndex, Payload<TValue> values)
    {
        for (int i = 0; i < values.Count; i++)
        {
            ref TValue value = ref values[i].Value;
            value = _algebra.IsFinished(value) ? throw Broken(laneIndex, "final", "the value was final already") : _algebra.Finish(value);
        }
    }
}
