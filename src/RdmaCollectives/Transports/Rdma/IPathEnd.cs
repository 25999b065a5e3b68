namespace RdmaCollectives.Transports.Rdma;

/// <summary>What a <see cref="PathMigration"/> does to its end of the connection, and to the other through messages.</summary>
internal interface IPathEnd
{
    /// <summary>This rank's rails towards the peer, now.</summary>
    RailSet Rails { get; }

    /// <summary>What their devices have said of themselves and not taken back, in words; empty where that is nothing.</summary>
    string Said { get; }

    /// <summary>
    /// Nothing is taken or sent any more over the current path, whether it was used already or not, and all that it has taken is counted: its queue pair is in error, and empty. What the rank sends from now on waits
    /// for <see cref="Resume"/>.
    /// </summary>
    /// <param name="failed">The rail that has failed, which is a suspect from now on, or -1.</param>
    /// <returns>How far this end is.</returns>
    MessageCounts Stop(int failed);

    /// <summary>Makes a queue pair for the next path, which is the current one from now on. Null where the device refuses.</summary>
    RdmaEndpoint? Open(int rail, uint path);

    /// <summary>Connects it: the other end's messages may come. False where the device refuses.</summary>
    bool Connect(in RdmaEndpoint remote);

    /// <summary>From now on messages go by the new path: first, again, those that have not arrived.</summary>
    /// <param name="there">How far the other end was when it had stopped.</param>
    void Resume(in MessageCounts there);

    void Send(in PathMessage message);

    /// <summary>There is no way left.</summary>
    void Fail(string reason);
}
