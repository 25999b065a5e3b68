using System.Runtime.InteropServices;

namespace RdmaCollectives.Schedules.Verification;

/// <summary>
/// The values in the buffers of all ranks, in place where the collective may be. What is right in place is right out of place too, as reading what
/// would differ is refused: the output before a store, and the input after a store that changed it.
/// </summary>
/// <remarks>
/// With a sample, only values made of chunks in the sample are kept; everything else is nothing, and nothing is known of it. A rank's memory is a row: its output, then its planes of scratch;
/// a bit says of each chunk whether a value is kept there.
/// </remarks>
internal sealed class ChunkMemory<TAlgebra, TValue>(TAlgebra algebra, BufferLayout layout, Sample? sample)
    where TAlgebra : struct, IChunkAlgebra<TValue>
    where TValue : struct, IEquatable<TValue>
{
    private readonly int _rowLength = layout.Chunks * (1 + layout.ScratchPlanes);
    private readonly ulong[]?[] _isKept = new ulong[]?[layout.Shape.Ranks];
    private readonly ulong[] _isKeptAnywhere = new ulong[Bits.Words(layout.Chunks * (1 + layout.ScratchPlanes))]; // on any rank, at any time: in the cache, where the rows of 10,000 ranks are not
    private readonly ulong[]?[] _isOverwritten = new ulong[]?[layout.Shape.Ranks]; // inputs in the sample, by values that are not
    private readonly TValue[]?[] _rows = new TValue[]?[layout.Shape.Ranks]; // without a sample
    private readonly Dictionary<(int Rank, int Place), TValue> _sparse = []; // with one

    /// <summary>Adds the values of a range to <paramref name="values"/>. Returns the offset of the first chunk that must not be read, or -1: its content is not the same in place and out of place, or nothing at all.</summary>
    public int Read(int rank, StepBuffer buffer, in ChunkRange range, Payload<TValue> values)
    {
        int head = Math.Min(range.Count, layout.Chunks - range.First);
        int fault = Read(rank, buffer, range.Plane, range.First, head, 0, values);
        return fault >= 0 || head == range.Count ? fault : Read(rank, buffer, range.Plane, 0, range.Count - head, head, values);
    }

    /// <summary>Stores values over a range.</summary>
    public void Write(int rank, in ChunkRange range, Payload<TValue>? values)
    {
        if (sample is not null)
        {
            int head = Math.Min(range.Count, layout.Chunks - range.First);
            Forget(rank, range.Plane, range.First, head);
            Forget(rank, range.Plane, 0, range.Count - head);
        }

        if (values is null)
        {
            return;
        }

        foreach (ref readonly (int Offset, TValue Value) entry in values.Entries)
        {
            Keep(rank, PlaceOf(range.Plane, range.At(entry.Offset, layout.Chunks)), entry.Value);
        }
    }

    /// <summary>The value in an output chunk; false when none is kept there.</summary>
    public bool TryReadOutput(int rank, int chunk, out TValue value) => TryGet(rank, chunk, out value);

    private int Read(int rank, StepBuffer buffer, int plane, int first, int count, int offset, Payload<TValue> values) =>
        buffer == StepBuffer.Input ? ReadInput(rank, first, count, offset, values)
        : sample is null ? ReadAll(rank, PlaceOf(plane, first), count, offset, values)
        : ReadKept(rank, PlaceOf(plane, first), count, offset, values);

    private int ReadInput(int rank, int first, int count, int offset, Payload<TValue> values)
    {
        ulong[]? followed = sample?.Of(rank);
        int end = first + count;
        for (int chunk = Following(followed, first, end); chunk < end; chunk = Following(followed, chunk + 1, end))
        {
            TValue input = algebra.Input(rank, chunk);
            if (layout.MayBeInPlace && IsChanged(rank, chunk, input))
            {
                return offset + chunk - first;
            }

            values.Add(offset + chunk - first, input);
        }

        return -1;
    }

    private static int Following(ulong[]? followed, int from, int end) => followed is null ? from : Bits.Next(followed, from, end);

    private bool IsChanged(int rank, int chunk, in TValue input) =>
        TryGet(rank, chunk, out TValue stored) ? !stored.Equals(input) : _isOverwritten[rank] is { } overwritten && Bits.Has(overwritten, chunk);

    private int ReadAll(int rank, int place, int count, int offset, Payload<TValue> values)
    {
        for (int i = 0; i < count; i++)
        {
            if (!TryGet(rank, place + i, out TValue value))
            {
                return offset + i;
            }

            values.Add(offset + i, value);
        }

        return -1;
    }

    private int ReadKept(int rank, int place, int count, int offset, Payload<TValue> values)
    {
        int end = place + count;
        if (Bits.Next(_isKeptAnywhere, place, end) == end || _isKept[rank] is not { } kept)
        {
            return -1;
        }

        for (int at = Bits.Next(kept, place, end); at < end; at = Bits.Next(kept, at + 1, end))
        {
            values.Add(offset + at - place, _sparse[(rank, at)]);
        }

        return -1;
    }

    private void Forget(int rank, int plane, int first, int count)
    {
        if (plane == 0 && layout.MayBeInPlace)
        {
            ulong[] followed = sample!.Of(rank);
            int last = first + count;
            for (int chunk = Bits.Next(followed, first, last); chunk < last; chunk = Bits.Next(followed, chunk + 1, last))
            {
                Bits.Set(_isOverwritten[rank] ??= new ulong[Bits.Words(layout.Chunks)], chunk);
            }
        }

        int place = PlaceOf(plane, first);
        int end = place + count;
        if (Bits.Next(_isKeptAnywhere, place, end) == end || _isKept[rank] is not { } kept)
        {
            return;
        }

        for (int at = Bits.Next(kept, place, end); at < end; at = Bits.Next(kept, at + 1, end))
        {
            Bits.Clear(kept, at);
            _sparse.Remove((rank, at));
        }
    }

    private void Keep(int rank, int place, in TValue value)
    {
        Bits.Set(_isKeptAnywhere, place);
        Bits.Set(_isKept[rank] ??= new ulong[Bits.Words(_rowLength)], place);
        if (sample is null)
        {
            (_rows[rank] ??= new TValue[_rowLength])[place] = value;
        }
        else
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_sparse, (rank, place), out _) = value;
        }
    }

    private bool TryGet(int rank, int place, out TValue value)
    {
        value = default;
        if (_isKept[rank] is not { } kept || !Bits.Has(kept, place))
        {
            return false;
        }

        value = sample is null ? _rows[rank]![place] : _sparse[(rank, place)];
        return true;
    }

    private int PlaceOf(int plane, int chunk) => (plane * layout.Chunks) + chunk;
}
