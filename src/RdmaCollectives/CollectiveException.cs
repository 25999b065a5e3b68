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

    /// <summary>The kind of failure.</summary>
    public Error Error { get; }

    /// <summary>The rank that noticed it first, or -1.</summary>
    public int Rank { get; }

    /// <summary>The rank that it is about (who died, who disagreed), or -1.</summary>
    public int Peer { get; }

    /// <summary>The operation in words, <c>AllReduce(float32, sum, 1024 elements)</c>, or null.</summary>
    public string? Operation { get; }

    /// <summary>The collective sequence of the operation, or 0.</summary>
    public ulong Sequence { get; }

    /// <summary>errno or completion status, or 0.</summary>
    public int NativeError { get; }
}
