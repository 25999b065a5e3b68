namespace RdmaCollectives.Planning;

/// <summary>
/// How the elements of a call are laid over rounds and chunks. A round is one run of the schedule over <see cref="ChunkCount"/> chunks that each fit a message;
/// a call of any size is as many rounds as it takes. All rounds but the last have full chunks; the last spreads what is left evenly, in units of 64 bytes.
/// </summary>
internal readonly record struct Partition
{
    /// <exception cref="ArgumentException">An element does not fit a message.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are more than 2^31 rounds.</exception>
    public Partition(ulong elementCount, int elementSize, int chunkCount, int slotBytes)
    {
        if (elementSize > slotBytes)
        {
            throw new ArgumentException($"An element has {elementSize} bytes, and a message holds {slotBytes}: use a smaller type, or raise RDMACC_CHUNK_BYTES to {elementSize} or more.", nameof(elementSize));
        }

        ElementCount = elementCount;
        ElementSize = elementSize;
        ChunkCount = chunkCount;
        FullChunk = (ulong)(slotBytes / elementSize);
        ulong perRound = FullChunk * (ulong)chunkCount;
        ulong rounds = Math.Max(1, (elementCount / perRound) + (elementCount % perRound == 0 ? 0u : 1u));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rounds, (ulong)int.MaxValue, nameof(elementCount));
        Rounds = (int)rounds;
        ulong last = elementCount - (perRound * (ulong)(Rounds - 1));
        ulong unit = (ulong)Math.Max(1, 64 / elementSize);
        ulong even = (last + (ulong)chunkCount - 1) / (ulong)chunkCount;
        LastChunk = Math.Min((even + unit - 1) / unit * unit, FullChunk);
    }

    public ulong ElementCount { get; }

    public int ElementSize { get; }

    /// <summary>Chunks in a round.</summary>
    public int ChunkCount { get; }

    /// <summary>Elements of a chunk in every round but the last.</summary>
    public ulong FullChunk { get; }

    /// <summary>Elements of a chunk in the last round; the chunks at the end may have fewer or none.</summary>
    public ulong LastChunk { get; }

    /// <summary>How often the schedule runs; at least 1, so that ranks meet even over nothing.</summary>
    public int Rounds { get; }

    /// <summary>Elements that a plan's scratch buffer must hold.</summary>
    public ulong ScratchElements => (Rounds > 1 ? FullChunk : LastChunk) * (ulong)ChunkCount;

    /// <summary>The first element of a chunk, and how many it has.</summary>
    public void Locate(int round, int chunk, out ulong firstElement, out ulong elementCount)
    {
        ulong size = round == Rounds - 1 ? LastChunk : FullChunk;
        firstElement = (FullChunk * (ulong)ChunkCount * (ulong)round) + (size * (ulong)chunk);
        elementCount = firstElement >= ElementCount ? 0 : Math.Min(size, ElementCount - firstElement);
    }

    /// <summary>The first element of a chunk in scratch memory, which every round uses anew.</summary>
    public ulong LocateScratch(int round, int chunk) => (round == Rounds - 1 ? LastChunk : FullChunk) * (ulong)chunk;
}
