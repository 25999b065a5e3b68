namespace RdmaCollectives.Tests.Memory.Model;

internal enum OperationKind
{
    Read,
    ReadAcquire,
    Write,
    WriteNonTemporal,
    WriteRelease,
    Publish,
    FullBarrier,
    Exchange,
    CompareExchange,
    FutexWait,
    FutexWake,
    Signal,
    Poll,
}

/// <summary>One step of one thread on the modelled memory.</summary>
internal readonly record struct ModelOperation(OperationKind Kind, int Location, ulong Value, ulong Comparand);

/// <summary>A place in the code under test: the n-th operation of a kind inside a named call.</summary>
internal readonly record struct Site(string Call, OperationKind Kind, int Ordinal)
{
    public override string ToString() => $"{Call}: {Kind} #{Ordinal}";
}
