using System.Runtime.InteropServices;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Planning;

/// <summary>What a call runs: the steps of a <see cref="Plan"/>, or a <see cref="TransferSet"/>. What waiting, faults and the return rule ask of both.</summary>
internal abstract class Work
{
    private readonly List<Connection> _awaited = new(16); // one a channel; a set of more transfers grows it once

    /// <summary>The transports behind the connections, each once: what the executor moves and waits for.</summary>
    public abstract ReadOnlySpan<Transport> Transports { get; }

    /// <summary>Every connection that is sent on, each once: the return rule waits for them.</summary>
    public abstract ReadOnlySpan<Connection> SendConnections { get; }

    /// <summary>The connections on which nothing moves until the peer does something. Asked only after a pass in which nothing moved; good until asked again. Allocates nothing once the list has grown.</summary>
    public ReadOnlySpan<Connection> Awaited
    {
        get
        {
            _awaited.Clear();
            AddAwaited(_awaited);
            return CollectionsMarshal.AsSpan(_awaited);
        }
    }

    /// <summary>What the work waits for, in the terms in which ranks tell each other; asked like <see cref="Awaited"/>, once in a long while.</summary>
    public AwaitedMessage[] ListAwaited()
    {
        var awaited = new List<AwaitedMessage>();
        AddAwaited(awaited);
        if (awaited.Count == 0)
        {
            foreach (Connection connection in SendConnections)
            {
                if (!connection.IsDrained)
                {
                    awaited.Add(new AwaitedMessage(awaited.Count, AwaitKind.Drain, connection.Peer, connection.Channel, connection.SentCount, connection.SlotCount));
                }
            }
        }

        return [.. awaited];
    }

    /// <summary>Fills in what <see cref="ListAwaited"/> answers, but for what was sent already.</summary>
    protected abstract void AddAwaited(List<AwaitedMessage> awaited);

    /// <summary>One thing that is waited for.</summary>
    protected static AwaitedMessage Await(int lane, AwaitKind kind, Connection connection) =>
        new(lane, kind, connection.Peer, connection.Channel, kind is AwaitKind.Receive or AwaitKind.Behind ? connection.ReceivedCount : connection.SentCount, connection.SlotCount);

    /// <summary>Fills in what <see cref="Awaited"/> answers; a connection may be there more than once.</summary>
    protected abstract void AddAwaited(List<Connection> connections);
}
