using System.Net;
using System.Net.Sockets;
using RdmaCollectives.Bootstrap.Interop;

namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>A rank's connection to the rendezvous, once it has proved itself. Never blocks; for the control thread alone.</summary>
internal sealed class RendezvousSide : IDisposable
{
    public RendezvousSide(string name, RendezvousConnection connection)
    {
        Name = name;
        Reached = connection.Remote;
        connection.Socket.Blocking = false;
        Stream = new SealedStream(connection.Socket, connection.Received, MeshConnection.MaxQueuedBytes);
        Stream.SetKeys(sendKey: connection.Keys.ClientToServer, receiveKey: connection.Keys.ServerToClient);
    }

    public SealedStream Stream { get; }

    /// <summary>Where it is, for people.</summary>
    public string Name { get; }

    /// <summary>The address by which it was reached; null for a unix socket.</summary>
    public IPAddress? Reached { get; }

    public bool IsOpen => EndReason is null;

    /// <summary>Why it ended; null while it has not.</summary>
    public string? EndReason { get; private set; }

    public short Events => (short)(Libc.POLLIN | (Stream.WantsToSend ? Libc.POLLOUT : 0));

    /// <summary>Queues a frame; false when the connection has ended.</summary>
    public bool Send(in Frame frame)
    {
        if (IsOpen && !Stream.TrySend(frame))
        {
            End($"it did not read while {Stream.QueuedBytes >> 20} MiB waited for it");
        }

        return IsOpen;
    }

    public void Serve(Action<Frame> take)
    {
        try
        {
            bool open = Stream.Receive(out _);
            while (IsOpen && Stream.TryTake(out ReadOnlySpan<byte> bytes))
            {
                take(Stream.Open(bytes));
            }

            if (!open)
            {
                End(Stream.ReceiveError == SocketError.Success ? "its connection was closed" : new SocketException((int)Stream.ReceiveError).Message);
            }
        }
        catch (Exception e)
        {
            // Of any kind: what the rendezvous sends must not end the control thread.
            End($"its connection was closed here: {e.Message}");
        }
    }

    public void Flush()
    {
        if (IsOpen)
        {
            Stream.Flush();
        }
    }

    public void End(string reason) => EndReason ??= reason.TrimEnd('.');

    public void Dispose() => Stream.Dispose();
}
