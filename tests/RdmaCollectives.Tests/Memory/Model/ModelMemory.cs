using RdmaCollectives.Memory;

namespace RdmaCollectives.Tests.Memory.Model;

/// <summary>
/// Memory that only exists in <see cref="ModelState"/>. Code under test runs against it by replay: the first operations of a call get the results that were chosen before, the next one is
/// captured, and from there on the call runs into the void (so it must not loop; the rings don't). Pointers are numbers and never followed.
/// </summary>
internal readonly unsafe struct ModelMemory : IMemory
{
    [ThreadStatic]
    private static Replay? t_replay;

    public static Replay Current
    {
        get => t_replay!;
        set => t_replay = value;
    }

    /// <summary>The address of a modelled word.</summary>
    public static ulong* Word(int location) => (ulong*)((nint)location << 3);

    public static ulong Read(ulong* word) => Do(OperationKind.Read, word);

    public static uint Read(uint* word) => (uint)Do(OperationKind.Read, word);

    public static void Write(ulong* word, ulong value) => Do(OperationKind.Write, word, value);

    public static void Write(uint* word, uint value) => Do(OperationKind.Write, word, value);

    public static ulong ReadAcquire(ulong* word) => Do(OperationKind.ReadAcquire, word);

    public static void WriteRelease(ulong* word, ulong value) => Do(OperationKind.WriteRelease, word, value);

    public static void Publish() => Do(OperationKind.Publish, null);

    public static void FullBarrier() => Do(OperationKind.FullBarrier, null);

    public static uint Exchange(uint* word, uint value) => (uint)Do(OperationKind.Exchange, word, value);

    public static uint CompareExchange(uint* word, uint value, uint comparand) => (uint)Do(OperationKind.CompareExchange, word, value, comparand);

    public static void FutexWait(uint* word, uint expected, TimeSpan max) => Do(OperationKind.FutexWait, word, 0, expected);

    public static void FutexWake(uint* word) => Do(OperationKind.FutexWake, word);

    public static void Signal(int descriptor) => Do(OperationKind.Signal, Word(descriptor));

    // ---- What the code around the rings does ----

    /// <summary>A store as a reduction kernel or a block copy makes it.</summary>
    public static void WriteNonTemporal(ulong* word, ulong value) => Do(OperationKind.WriteNonTemporal, word, value);

    /// <summary>Sleeps until the descriptor is signalled, and takes the signal out.</summary>
    public static void Poll(int descriptor) => Do(OperationKind.Poll, Word(descriptor));

    private static ulong Do(OperationKind kind, void* word, ulong value = 0, ulong comparand = 0) =>
        Current.Do(new ModelOperation(kind, (int)((nint)word >> 3), value, comparand));
}
