using System.Diagnostics;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>Connections and their paths: making, connecting, taking them out of use.</summary>
internal sealed unsafe partial class RdmaTransport
{
    private static readonly TimeSpan BindTime = TimeSpan.FromSeconds(5);

    /// <summary>The rail of a channel to a peer. Both ends choose the same: of the rails that both have, in turns.</summary>
    public RdmaRail RailOf(int peer, int channel) => _rails[channel % RailCount(peer)];

    /// <summary>How many rails this rank and a peer both have.</summary>
    public int RailCount(int peer) => _mtus[peer].Length;

    public RdmaRail Rail(int index) => _rails[index];

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
    /// Takes the current path of a connection out of use: to ERR, so that nothing arrives by it any more, and polled empty, so that what has arrived is counted. A queue pair whose flushes do not come is destroyed, which
    /// waits for the adapter. What is sent from now on waits for the next path.
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
            path.Destroy();
            PollAll(path.Rail);
            Forget(path);
            counts = connection.Counts;
            connection.Told(counts);
        });
        return counts;
    }

    // The keys go with it: its queue pair is destroyed.
    private void Forget(RdmaPath path)
    {
        _paths[path.Index] = null;
        path.Dispose();
    }
}
