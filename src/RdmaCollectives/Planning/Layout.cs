using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using RdmaCollectives.Schedules;

namespace RdmaCollectives.Planning;

/// <summary>
/// How the elements of a call are laid over rounds and chunks. A round is one run of the schedule over chunks of which as many as a message has fit a slot;
/// a call of any size is as many rounds as it takes. Each block is divided among its chunks by itself: all its rounds but the last have full chunks, the last spreads what is left evenly, in units of 64
/// bytes. All counts and offsets are in elements.
/// </summary>
internal sealed class Layout
{
    private const int SpreadBytes = 64;

    private readonly CollectiveKind _collective;
    private readonly int _rank;
    private readonly bool _hasBlocks;
    private readonly int _blocks;
    private readonly int _pieces; // chunks of a block
    private readonly ulong _perRound; // elements of a block in a full round
    private readonly ulong _unit;
    private BlockMap _input;
    private BlockMap _output;

    /// <exception cref="ArgumentException">An element does not fit its share of a message.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are more than 2^31 rounds.</exception>
    public Layout(in PlanKey key, int rank, int ranks, int chunkCount, int messageChunks, int slotBytes)
    {
        int room = slotBytes / messageChunks;
        if (key.ElementSize > room)
        {
            ThrowTooLarge(key.ElementSize, slotBytes, messageChunks);
        }

        _collective = key.Collective;
        _rank = rank;
        IsVariable = key.Demands.HasFlag(PlanDemands.VariableBlocks);
        _hasBlocks = HasBlocks(key.Collective);
        _blocks = _hasBlocks ? ranks : 1;
        _pieces = chunkCount / _blocks;
        ChunkCount = chunkCount;
        FullChunk = (ulong)(room / key.ElementSize);
        _perRound = FullChunk * (ulong)_pieces;
        _unit = (ulong)Math.Max(1, SpreadBytes / key.ElementSize);
        if (IsVariable)
        {
            LastChunk = FullChunk;
            Rounds = 1;
            return;
        }

        ulong count = key.ElementCount;
        (_input, _output) = (Dense(count), Dense(count));
        _input = key.Collective is CollectiveKind.AllGather or CollectiveKind.Gather ? new BlockMap(0, count) : _input;
        _output = key.Collective is CollectiveKind.ReduceScatter or CollectiveKind.Scatter ? new BlockMap(0, count) : _output;
        Rounds = RoundsOf(count);
        LastChunk = Spread(count - (_perRound * (ulong)(Rounds - 1)));
    }

    /// <summary>Whether blocks are of different sizes, given with each call.</summary>
    public bool IsVariable { get; }

    /// <summary>Chunks in a round.</summary>
    public int ChunkCount { get; }

    /// <summary>Elements of a chunk in every round of its block but the last.</summary>
    public ulong FullChunk { get; }

    /// <summary>Elements of a chunk in the last round; the chunks at the end of a block may have fewer or none. Where blocks differ: the most that it can be.</summary>
    public ulong LastChunk { get; }

    /// <summary>How often the schedule runs; at least 1, so that ranks meet even over nothing.</summary>
    public int Rounds { get; private set; }

    /// <summary>Elements of one plane of scratch memory.</summary>
    public ulong ScratchElements => (Rounds > 1 ? FullChunk : LastChunk) * (ulong)ChunkCount;

    /// <summary>Whether buffers of this collective have a block for every rank.</summary>
    public static bool HasBlocks(CollectiveKind collective) => collective is CollectiveKind.AllGather or CollectiveKind.ReduceScatter or CollectiveKind.AllToAll or CollectiveKind.Gather or CollectiveKind.Scatter;

    /// <summary>The sizes of the next call's blocks; rounds follow from the largest that this rank has to do with.</summary>
    public void Fit(BlockSizes sizes)
    {
        var all = new BlockMap { Counts = sizes.SendCounts, Offsets = sizes.SendOffsets };
        var received = new BlockMap { Counts = sizes.ReceiveCounts, Offsets = sizes.ReceiveOffsets };
        _input = _collective is CollectiveKind.AllGather or CollectiveKind.Gather ? new BlockMap(0, sizes.SendCounts[_rank]) : all;
        _output = _collective is CollectiveKind.ReduceScatter or CollectiveKind.Scatter ? new BlockMap(0, sizes.ReceiveCounts[_rank]) : received;
        ulong largest = 0;
        for (int block = 0; block < _blocks; block++)
        {
            largest = Math.Max(largest, Math.Max(_input.Count(block), _output.Count(block)));
        }

        Rounds = RoundsOf(largest);
    }

    /// <summary>The first element of a chunk of a buffer, and how many it has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Locate(StepBuffer buffer, int round, int chunk, out ulong first, out ulong count)
    {
        if (_hasBlocks || buffer == StepBuffer.Scratch)
        {
            LocateInBlock(buffer, round, chunk, out first, out count);
            return;
        }

        ulong total = _input.Count(0);
        ulong size = round == Rounds - 1 ? LastChunk : FullChunk;
        first = (_perRound * (ulong)round) + (size * (ulong)chunk);
        count = first >= total ? 0 : Math.Min(size, total - first);
    }

    /// <summary>
    /// The same for chunks that follow each other, behind the last one the first: where the first of them begins, and how many elements they have together. True when these lie in one piece.
    /// </summary>
    public bool LocateRange(StepBuffer buffer, int round, int chunk, int length, out ulong first, out ulong count)
    {
        Locate(buffer, round, chunk, out first, out count);
        if (length == 1)
        {
            return true;
        }

        for (int i = 1; i < length; i++)
        {
            Locate(buffer, round, Next(chunk, i), out _, out ulong more);
            count += more;
        }

        bool wraps = (chunk % ChunkCount) + length > ChunkCount;
        return !wraps && (!_hasBlocks || (buffer != StepBuffer.Scratch && Rounds == 1 && (buffer == StepBuffer.Input ? _input : _output).IsDense));
    }

    /// <summary>The chunk <paramref name="i"/> places behind another, in the same plane.</summary>
    public int Next(int chunk, int i)
    {
        int inPlane = chunk < ChunkCount ? chunk : chunk % ChunkCount;
        return inPlane + i < ChunkCount ? chunk + i : chunk - inPlane + ((inPlane + i) % ChunkCount);
    }

    private static BlockMap Dense(ulong count) => new(count, count);

    private int RoundsOf(ulong count)
    {
        ulong rounds = Math.Max(1, (count / _perRound) + (count % _perRound == 0 ? 0u : 1u));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rounds, (ulong)int.MaxValue, "elementCount");
        return (int)rounds;
    }

    private ulong Spread(ulong left)
    {
        ulong even = (left + (ulong)_pieces - 1) / (ulong)_pieces;
        return Math.Min((even + _unit - 1) / _unit * _unit, FullChunk);
    }

    private void LocateInBlock(StepBuffer buffer, int round, int chunk, out ulong first, out ulong count)
    {
        int place = chunk < ChunkCount ? chunk : chunk % ChunkCount;
        (int block, int piece) = _pieces == 1 ? (place, 0) : _blocks == 1 ? (0, place) : Math.DivRem(place, _pieces);

        // Scratch chunks are as large as those of the buffer that has all blocks.
        bool isInput = buffer == StepBuffer.Input || (buffer == StepBuffer.Scratch && _collective is CollectiveKind.ReduceScatter or CollectiveKind.Scatter);
        ref readonly BlockMap map = ref isInput ? ref _input : ref _output;
        ulong total = map.Count(block);
        ulong done = _perRound * (ulong)round;
        ulong left = total > done ? total - done : 0;
        ulong size = !IsVariable ? (round == Rounds - 1 ? LastChunk : FullChunk) : left >= _perRound ? FullChunk : Spread(left);
        ulong before = size * (ulong)piece;
        count = left > before ? Math.Min(size, left - before) : 0;
        first = buffer == StepBuffer.Scratch ? (IsVariable || round < Rounds - 1 ? FullChunk : LastChunk) * (ulong)chunk : map.Offset(block) + done + before;
    }

    [DoesNotReturn]
    private static void ThrowTooLarge(int elementSize, int slotBytes, int messageChunks) => throw new ArgumentException(
        $"An element has {elementSize} bytes, and a message holds {slotBytes}{(messageChunks == 1 ? "" : $" for {messageChunks} chunks")}: use a smaller type, or raise RDMACC_CHUNK_BYTES to {(long)elementSize * messageChunks} or more.", nameof(elementSize));
}
