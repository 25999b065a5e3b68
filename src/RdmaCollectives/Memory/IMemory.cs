namespace RdmaCollectives.Memory;

/// <summary>
/// What a protocol between two processes does to memory, and the two ways in which it sleeps. The ring and the doorbell are generic over it: <see cref="MachineMemory"/> compiles
/// to plain instructions, and the tests put a model in its place that explores every interleaving and every stale read.
/// </summary>
internal unsafe interface IMemory
{
    /// <summary>Reads a word that nothing is decided by: its order comes from a fence or from the word read before.</summary>
    static abstract ulong Read(ulong* word);

    static abstract uint Read(uint* word);

    /// <summary>Writes a word that a later <see cref="WriteRelease"/> or fence makes known.</summary>
    static abstract void Write(ulong* word, ulong value);

    static abstract void Write(uint* word, uint value);

    /// <summary>Reads a flag: whatever its writer wrote before it can be read after.</summary>
    static abstract ulong ReadAcquire(ulong* word);

    /// <summary>Writes a flag: whatever was read and written before comes before it, non-temporal stores excepted (<see cref="Publish"/>).</summary>
    static abstract void WriteRelease(ulong* word, ulong value);

    /// <summary>Orders non-temporal stores, and all others, before what is written next.</summary>
    static abstract void Publish();

    /// <summary>Everything before it is visible to all before anything after it is read. The only order between a write and a later read of something else.</summary>
    static abstract void FullBarrier();

    /// <summary>Atomic, and a full barrier.</summary>
    static abstract uint Exchange(uint* word, uint value);

    /// <summary>Atomic, and a full barrier. Returns what was there.</summary>
    static abstract uint CompareExchange(uint* word, uint value, uint comparand);

    /// <summary>Sleeps until <see cref="FutexWake"/>, unless the word differs from <paramref name="expected"/> already: looked at and gone to sleep in one step.</summary>
    static abstract void FutexWait(uint* word, uint expected, TimeSpan max);

    static abstract void FutexWake(uint* word);

    /// <summary>Makes the descriptor readable that a sleeper polls.</summary>
    static abstract void Signal(int descriptor);
}
