using RdmaCollectives.Diagnostics;

namespace RdmaCollectives;

/// <summary>A failure of this library that is not the caller's wrong argument. The native cause, where there is one, is the inner exception.</summary>
public class CollectiveException : Exception
{
    internal CollectiveException(Error error, string message, int rank = -1, int peer = -1, string? operation = null, ulong sequence = 0, int nativeError = 0, Exception? innerException = null)
        : base(message, innerException)
    {
        Error = error;
        Rank = rank;
        Peer = peer;
        Operation = operation;
        Sequence = sequence;
        NativeError = nativeError;
    }

    internal CollectiveException(Fault fault, string? operation, ulong sequence, Exception? innerException)
        : this(fault.Error, fault.Message, fault.Reporter, fault.Peer, fault.Call?.ToString() ?? operation, fault.Call?.Sequence ?? sequence, fault.NativeError, innerException)
    {
        ByteCount = fault.Call?.ByteCount ?? 0;
        When = fault.When;
        RankStates = fault.Ranks;
    }

    /// <summary>The kind of failure.</summary>
    public Error Error { get; }

    /// <summary>The rank that noticed it first, or -1.</summary>
    public int Rank { get; }

    /// <summary>The rank that it is about (who died, who is late, who disagreed), or -1.</summary>
    public int Peer { get; }

    /// <summary>The operation in words, <c>#12 AllReduce(Float32, Sum, 1024 elements = 4 KiB)</c>, or null. Of a fault, the one that <see cref="Rank"/> was in, the same on every rank.</summary>
    public string? Operation { get; }

    /// <summary>The collective sequence of the operation, or 0. Of a send or receive, that of the last collective before it.</summary>
    public ulong Sequence { get; }

    /// <summary>The bytes of the operation's buffer, or of one block where it has one per rank; 0 where there is no operation, or its blocks differ.</summary>
    public ulong ByteCount { get; }

    /// <summary>When the fault was noticed, by the clock of that rank's host; null for what is no fault of a communicator.</summary>
    public DateTimeOffset? When { get; }

    /// <summary>What each rank did at that time, by rank; the same on every rank. Empty for what is no fault of a communicator.</summary>
    public IReadOnlyList<RankState> RankStates { get; } = [];

    /// <summary>errno or completion status, or 0.</summary>
    public int NativeError { get; }
}
