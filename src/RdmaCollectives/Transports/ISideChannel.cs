namespace RdmaCollectives.Transports;

/// <summary>By which a transport speaks with the same transport of other ranks once the communicator runs: beside the data, and whether or not the peer's program is in a call.</summary>
internal interface ISideChannel
{
    /// <summary>Called on the control thread with what a rank has sent. Must not block.</summary>
    Action<int, ReadOnlyMemory<byte>>? Came { set; }

    /// <summary>Sends a message to one rank, in order with the others. Does not wait; what it is lost with is the peer.</summary>
    void Send(int peer, ReadOnlyMemory<byte> message);

    /// <summary>Something has changed that a thread in a call may sleep for.</summary>
    void WakeSleepers();
}
