namespace RdmaCollectives.Schedules.Verification;

/// <summary>
/// The buffers of all ranks, in place: a value per chunk, and how many messages in flight have it as their source. What is right in place is right out of place too, as reading what
/// would differ is refused: the output before a store, and the input after a store that changed it. A chunk takes two bytes, so that 10,000 ranks with 10,000 chunks
/// each fit: nearly every value ever stored is the one final value of its chunk, which is kept once for all ranks; the rest are in a dictionary.
/// </summary>
internal sealed class ChunkMemory<TAlgebra, TValue>(TAlgebra algebra, int ranks, int chunks)
    where TAlgebra : struct, IChunkAlgebra<TValue>
    where TValue : struct, IEquatable<TValue>
{
    private const ushort ContentMask = 3;
    private const ushort OneReader = 4;
    private const ushort ReaderMask = ushort.MaxValue - ContentMask;

    // By diagonal, (chunk - rank) mod chunks, then by rank: ranks that run side by side in a ring touch neighbouring cells. By rank, each would touch a page of its own.
    private readonly ushort[]?[] _output = new ushort[chunks][];
    private readonly ushort[]?[] _scratch = new ushort[chunks][];
    private readonly TValue?[] _result = new TValue?[chunks];
    private readonly Dictionary<(int Rank, StepBuffer Buffer, int Chunk), TValue> _others = [];

    private enum Content
    {
        /// <summary>Nothing was stored: in the output there is the rank's own input.</summary>
        Untouched = 0,

        /// <summary>The final value of this chunk, the same as on the other ranks.</summary>
        Result = 1,

        /// <summary>Any other value.</summary>
        Other = 2,
    }

    /// <summary>The final value of a chunk: the first complete and finished one that was stored in any rank's output.</summary>
    public TValue? Result(int chunk) => _result[chunk];

    /// <summary>Whether a rank's output holds the final value of the chunk.</summary>
    public bool HoldsResult(int rank, int chunk) => (Content)(Cell(rank, StepBuffer.Output, chunk) & ContentMask) == Content.Result;

    /// <summary>Reads a chunk; false when its content is not the same in place and out of place, or nothing at all.</summary>
    public bool TryRead(int rank, StepBuffer buffer, int chunk, out TValue value)
    {
        StepBuffer place = Alias(buffer);
        switch ((Content)(Cell(rank, place, chunk) & ContentMask))
        {
            case Content.Result:
                value = _result[chunk]!.Value;
                break;
            case Content.Other:
                value = _others[(rank, place, chunk)];
                break;
            default:
                value = algebra.Input(rank, chunk);
                return buffer == StepBuffer.Input;
        }

        return buffer != StepBuffer.Input || value.Equals(algebra.Input(rank, chunk));
    }

    public void Write(int rank, StepBuffer buffer, int chunk, in TValue value)
    {
        ref ushort cell = ref Cell(rank, buffer, chunk);
        Content content = buffer == StepBuffer.Output && IsResult(chunk, value) ? Content.Result : Content.Other;
        if (content == Content.Other)
        {
            _others[(rank, buffer, chunk)] = value;
        }

        cell = (ushort)((cell & ReaderMask) | (int)content);
    }

    /// <summary>Whether a message in flight has the chunk as its source.</summary>
    public bool IsBeingRead(int rank, StepBuffer buffer, int chunk) => (Cell(rank, Alias(buffer), chunk) & ReaderMask) != 0;

    public void BeginRead(int rank, StepBuffer buffer, int chunk)
    {
        ref ushort cell = ref Cell(rank, Alias(buffer), chunk);
        cell = (cell & ReaderMask) == ReaderMask
            ? throw new NotSupportedException($"More than {ReaderMask / OneReader} messages are in flight from one chunk.")
            : (ushort)(cell + OneReader);
    }

    public void EndRead(int rank, StepBuffer buffer, int chunk) => Cell(rank, Alias(buffer), chunk) -= OneReader;

    /// <summary>In place, the input is the output.</summary>
    public static StepBuffer Alias(StepBuffer buffer) => buffer == StepBuffer.Input ? StepBuffer.Output : buffer;

    private ref ushort Cell(int rank, StepBuffer buffer, int chunk)
    {
        int diagonal = chunk - rank;
        diagonal = diagonal >= 0 ? diagonal : diagonal + chunks >= 0 ? diagonal + chunks : ((diagonal % chunks) + chunks) % chunks;
        ref ushort[]? row = ref (buffer == StepBuffer.Output ? _output : _scratch)[diagonal];
        row ??= new ushort[ranks];
        return ref row[rank];
    }

    private bool IsResult(int chunk, in TValue value)
    {
        if (!algebra.IsFinished(value) || !algebra.IsComplete(value) || algebra.ChunkOf(value) != chunk)
        {
            return false;
        }

        ref TValue? result = ref _result[chunk];
        result ??= value;
        return result.Value.Equals(value);
    }
}
