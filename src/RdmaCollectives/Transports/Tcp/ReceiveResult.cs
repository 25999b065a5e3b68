namespace RdmaCollectives.Transports.Tcp;

/// <summary>How a read of the receiver ended.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="NativeError">errno of <see cref="ReceiveResultKind.Failed"/>, else 0.</param>
internal readonly record struct ReceiveResult(ReceiveResultKind Kind, int NativeError)
{
    public bool EndsConnection => Kind >= ReceiveResultKind.EndOfFile;

    /// <summary>What a read that returned <paramref name="count"/>, 0 or less, means.</summary>
    public static ReceiveResult OfCall(nint count)
    {
        if (count == 0)
        {
            return new ReceiveResult(ReceiveResultKind.EndOfFile, 0);
        }

        int errno = Errno.Last;
        return errno switch
        {
            Errno.EAGAIN => default,
            Errno.EINTR => new ReceiveResult(ReceiveResultKind.Interrupted, 0),
            _ => new ReceiveResult(ReceiveResultKind.Failed, errno),
        };
    }
}

/// <summary>The kinds of <see cref="ReceiveResult"/>; from <see cref="EndOfFile"/> on the connection is over.</summary>
internal enum ReceiveResultKind
{
    /// <summary>What could be read was read.</summary>
    Fine,

    /// <summary>A signal came first: again.</summary>
    Interrupted,

    /// <summary>The other end has closed.</summary>
    EndOfFile,

    /// <summary>The system call failed.</summary>
    Failed,

    /// <summary>The header can't be one of ours.</summary>
    Malformed,

    /// <summary>A sealed record is not the one that the peer sealed.</summary>
    Forged,
}
