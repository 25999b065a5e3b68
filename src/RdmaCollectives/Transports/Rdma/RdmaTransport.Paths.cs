using System.Diagnostics;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>Connections and their paths: making, connecting, taking them out of use.</summary>
internal sealed unsafe partial class RdmaTransport
{
    private static readonly TimeSpan BindTime = TimeSpan.FromSeconds(5);

    private readonly List<Thread> _retiring = []; // the keeper's, and after its end the one's that disposes

    /// <summary>The rail of a channel to a peer. Both ends choose the same: of the rails that both have, in turns.</summary>
    public RdmaRail RailOf(int peer, int channel) => _rails[channel % RailCount(peer)];

    /// <summary>How many rails this rank and a peer both have.</summary>
    public int RailCount(int peer) => _mtus[peer].Length;

    public RdmaRail Rail(int index) => _rails[index];

    /// <summary>The peer at the other end of a queue pair of this rank; null where it is none of a path in use.</summary>
    public int? PeerOf(uint queuePair) => Array.Find(_paths, path => path?.QueuePairNumber == queuePair)?.Connection.Peer;

    /// <summary>Why something failed on a rail, and what its device said of itself before, which is mostly nearer to the cause.</summary>
    public string WithTrouble(RdmaRail rail, string why)
    {
        TakeEvents(rail);
        return rail.Events.Trouble() is { } said ? $"{why} {said}" : why;
    }

    /// <summary>What the device of a rail said of itself and did not take back, in short; null where it said nothing.</summary>
    public string? Trouble(RdmaRail rail)
    {
        TakeEvents(rail);
        return rail.Events.ShortTrouble();
    }

    private void TakeEvents(RdmaRail rail)
    {
        try
        {
            rail.Events.Take(PeerOf);
        }
        catch (VerbsException)
        {
            // A device that does not even answer that has said what it had to say.
        }
    }

    public QueuePairConnectOptions ConnectOptions(int peer, RdmaRail rail, uint sequenceNumber) => new()
    {
        SequenceNumber = sequenceNumber,
        Port = rail.Port.Attributes.Port,
        GidIndex = rail.Port.Gid?.Index,
        PathMtu = _mtus[peer][rail.Index],
        Timeout = 16, // 268 ms; six retries of it bridge a pause of two seconds, and a dead peer is told by the control plane long before
        RetryCount = 6,
        ServiceLevel = (byte)Context.Options.ServiceLevel,
        TrafficClass = (byte)Context.Options.TrafficClass,
        ReceiverNotReadyRetryCount = 0, // receives are posted before their credit is given: a peer that finds none has met a bug
    };

    /// <summary>An end of a connection, without a path.</summary>
    public RdmaConnection CreateConnection(int peer, int channel)
    {
        var connection = new RdmaConnection(this, peer, channel);
        lock (_lifetime)
        {
            _connections.Add(connection);
        }

        return connection;
    }

    /// <summary>A path for it: a queue pair in INIT with its receives posted.</summary>
    /// <exception cref="VerbsException">The device refused.</exception>
    /// <exception cref="CollectiveException">The transport is fenced, or may not register more.</exception>
    public RdmaPath CreatePath(RdmaConnection connection, RdmaRail rail, uint number)
    {
        int index;
        lock (_lifetime)
        {
            index = _paths.Length;
            _paths = [.. _paths, null];
        }

        var path = new RdmaPath(connection, rail, number, index, Context.Options.MemoryWindows, Budget);
        lock (_lifetime)
        {
            if (!_fenced)
            {
                _paths[index] = path; // no completion can name it before it is connected
                return path;
            }
        }

        path.Dispose();
        throw new CollectiveException(Error.Aborted, "The transport was fenced while it made a queue pair.", Context.Rank, connection.Peer);
    }

    /// <summary>Connects a path and returns when the peer's key is good: it may write as soon as it hears that this end is ready.</summary>
    /// <exception cref="VerbsException">The device refused.</exception>
    public void Connect(RdmaPath path, in RdmaEndpoint remote, Action progress)
    {
        path.Connect(remote, ConnectOptions(path.Connection.Peer, path.Rail, path.SequenceNumber), Context.Options.FlowLabel);
        long start = Stopwatch.GetTimestamp();
        while (!path.IsFlushed && !path.HasFailed && Stopwatch.GetElapsedTime(start) < BindTime)
        {
            progress();
            Thread.Yield();
        }

        if (!path.IsFlushed || path.HasFailed)
        {
            throw new CollectiveException(Error.Transport, $"The memory window for rank {path.Connection.Peer} was not bound: {(path.HasFailed ? "the adapter refused" : "the adapter did not answer")}. Leave RDMACC_MEMORY_WINDOWS unset.", peer: path.Connection.Peer);
        }
    }

    /// <summary>Asks for the way to a peer over a rail, with a queue pair that is connected and thrown away: the next one that is connected need not wait for the answer of the network (ARP).</summary>
    /// <exception cref="VerbsException">There is none, or the device refused.</exception>
    public void FindWay(int peer, RdmaRail rail, QueuePairAddress address)
    {
        using QueuePair probe = rail.Domain.CreateQueuePair(new QueuePairOptions { SendQueue = rail.Queue, ReceiveQueue = rail.Queue, MaxSendRequests = 1, MaxReceiveRequests = 1, MaxSendElements = 1 });
        probe.Initialize(MemoryAccess.LocalWrite | MemoryAccess.RemoteWrite, rail.Port.Attributes.Port, rail.Port.PartitionKeyIndex);
        probe.Connect(address, ConnectOptions(peer, rail, sequenceNumber: 0));
    }

    /// <summary>Takes an end out again that was not handed over.</summary>
    public void Remove(RdmaConnection connection)
    {
        lock (_lifetime)
        {
            foreach (RdmaPath? path in _paths)
            {
                if (path?.Connection == connection)
                {
                    Forget(path);
                }
            }

            _connections.Remove(connection);
        }

        connection.Dispose();
    }

    // ---- The keeper's: on its thread, while whoever moves data waits at the gate ----

    /// <summary>Does something that otherwise only the thread that moves data may do. Not once the transport is fenced.</summary>
    public void Exclusively(Action what)
    {
        lock (_lifetime)
        {
            if (_fenced)
            {
                return;
            }

            Gate.Pause();
            try
            {
                what();
            }
            finally
            {
                Gate.Resume();
            }
        }
    }

    /// <summary>Polls every rail, for ranks that are in no call.</summary>
    public void ProgressExclusively() => Exclusively(() =>
    {
        foreach (RdmaRail rail in _rails)
        {
            PollAll(rail);
        }
    });

    /// <summary>
    /// Takes the current path of a connection out of use: to ERR, so that nothing arrives by it any more, and polled empty, so that what has arrived is counted. A queue pair whose flushes do not come is destroyed at once,
    /// which waits for the adapter. What is sent from now on waits for the next path.
    /// </summary>
    public MessageCounts Halt(RdmaConnection connection)
    {
        RdmaPath path = connection.Path;
        long start = Stopwatch.GetTimestamp();
        Exclusively(connection.Halt);
        while (true)
        {
            Exclusively(() => PollAll(path.Rail));
            if (path.IsEmpty || _fenced || Stopwatch.GetElapsedTime(start) >= FlushTime)
            {
                break;
            }

            Thread.Yield();
        }

        MessageCounts counts = default;
        Exclusively(() =>
        {
            if (!path.IsEmpty)
            {
                path.Destroy();
                PollAll(path.Rail);
            }

            _paths[path.Index] = null;
            counts = connection.Counts;
            connection.Told(counts);
        });
        Retire(path);
        return counts;
    }

    // The adapter has done with it, and still takes its time to destroy it: rxe waits for packets that wait for an answer of the network, for three seconds where a cable was pulled.
    private void Retire(RdmaPath path)
    {
        _retiring.RemoveAll(thread => !thread.IsAlive);
        var retires = new Thread(path.Dispose) { IsBackground = true, Name = "rdmacc rails" };
        _retiring.Add(retires);
        retires.Start();
    }

    private void Forget(RdmaPath path)
    {
        _paths[path.Index] = null;
        path.Dispose();
    }
}
