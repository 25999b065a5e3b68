namespace RdmaCollectives.Transports;

/// <summary>The output of this rank that peers may store results in: that of one call at a time (<see cref="Connection.OpenOutput"/>).</summary>
internal unsafe struct OpenedOutput
{
    private ulong _call;

    public byte* Address { get; private set; }

    public ulong ByteCount { get; private set; }

    /// <summary>Before a window to it is opened to the first peer.</summary>
    public void Open(ulong call, byte* address, ulong byteCount)
    {
        _call = call;
        Address = address;
        ByteCount = byteCount;
    }

    /// <summary>Where a range of the output of a call lies; null if it is not open, or not there.</summary>
    public readonly byte* At(ulong call, ulong offset, uint byteCount) =>
        _call == call && offset <= ByteCount && byteCount <= ByteCount - offset ? Address + offset : null;

    /// <summary>The call of a message. Of the calls that two ranks may be in at one time, no two have the same sequence.</summary>
    public static ulong CallOf(in MessageHeader header) => ((ulong)header.Hash << 32) | header.Sequence;
}
