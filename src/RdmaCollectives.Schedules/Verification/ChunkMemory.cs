namespace RdmaCollectives.Schedules.Verification;

/// <summary>
/// The buffers of all ranks: a value per chunk, and how many messages in flight have it as their source. A chunk takes two bytes, so that 10,000 ranks with 10,000 chunks
/// each fit: nearly every value ever stored is the one final value of its chunk, which is kept once for all ranks; the rest are in a dictionary.
/// </summary>
internal sealed class ChunkMemory<TAlgebra, TValue>(TAlgebra algebra, int ranks, int chunks, bool inPlace)
    where TAlgebra : struct, IChunkAlgebra<TValue>
    where TValue : struct, IEquatable<TValue>
{
    private const ushort ContentMask = 3;
    private const ushort OneReader = 4;
    private const ushort ReaderMask = ushort.MaxValue - ContentMask;

    private readonly ushort[]?[] _output = new ushort[ranks][];
    private readonly ushort[]?[] _scratch = new ushort[ranks][];
    private readonly TValue?[] _result = new TValue?[chunks];
    private readonly Dictionary<(int Rank, StepBuffer Buffer, int Chunk), TValue> _others = [];

    private enum Content
    {
        /// <summary>Nothing was stored: in place the rank's own input, else nothing.</summary>
        Untouched = 0,

        /// <summary>The final value of this chunk, the same as on the other ranks.</summary>
        Result = 1,

        /// <summary>Any other value.</summary>
        Other = 2,
    }

    /// <summary>The final value of a chunk: the first complete and finished one that was stored in any rank's output.</summary>
    public TValue? Result(int chunk) => _result[chunk];

    /// <summary>Whether a rank's output holds the final value of the chunk.</summary>
    public bool HoldsResult(int rank, int chunk) => _output[rank] is { } cells && (Content)(cells[chunk] & ContentMask) == Content.Result;

    public bool TryRead(int rank, StepBuffer buffer, int chunk, out TValue value)
    {
        buffer = Alias(buffer);
        Content content = buffer == StepBuffer.Input ? Content.Untouched : (Content)(Cells(rank, buffer)[chunk] & ContentMask);
        switch (content)
        {
            case Content.Result:
                value = _result[chunk]!.Value;
                return true;
            case Content.Other:
                value = _others[(rank, buffer, chunk)];
                return true;
            default:
                bool isInput = buffer == StepBuffer.Input || (inPlace && buffer == StepBuffer.Output);
                value = isInput ? algebra.Input(rank, chunk) : default;
                return isInput;
        }
    }

    public void Write(int rank, StepBuffer buffer, int chunk, in TValue value)
    {
        ref ushort cell = ref Cells(rank, buffer)[chunk];
        Content content = buffer == StepBuffer.Output && IsResult(chunk, value) ? Content.Result : Content.Other;
        if (content == Content.Other)
        {
            _others[(rank, buffer, chunk)] = value;
        }

        cell = (ushort)((cell & ReaderMask) | (int)content);
    }

    /// <summary>Whether a message in flight has the chunk as its source.</summary>
    public bool IsBeingRead(int rank, StepBuffer buffer, int chunk) => Alias(buffer) is var actual && actual != StepBuffer.Input && (Cells(rank, actual)[chunk] & ReaderMask) != 0;

    public void BeginRead(int rank, StepBuffer buffer, int chunk)
    {
        buffer = Alias(buffer);
        if (buffer == StepBuffer.Input)
        {
            return; // nothing ever writes there
        }

        ref ushort cell = ref Cells(rank, buffer)[chunk];
        cell = (cell & ReaderMask) == ReaderMask
            ? throw new NotSupportedException($"More than {ReaderMask / OneReader} messages are in flight from one chunk.")
            : (ushort)(cell + OneReader);
    }

    public void EndRead(int rank, StepBuffer buffer, int chunk)
    {
        buffer = Alias(buffer);
        if (buffer != StepBuffer.Input)
        {
            Cells(rank, buffer)[chunk] -= OneReader;
        }
    }

    /// <summary>In place, the input is the output.</summary>
    public StepBuffer Alias(StepBuffer buffer) => inPlace && buffer == StepBuffer.Input ? StepBuffer.Output : buffer;

    private ushort[] Cells(int rank, StepBuffer buffer) => (buffer == StepBuffer.Output ? _output : _scratch)[rank] ??= new ushort[chunks];

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
