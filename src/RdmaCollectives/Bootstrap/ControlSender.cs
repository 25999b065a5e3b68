using System.Net.Sockets;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// The sending side of a rank's control connection, for any thread. A lock keeps frames whole and in the order of their counter; it is never taken on the path of a collective. A send that the
/// rendezvous does not take in time (its process stands still) breaks the connection: what the caller has to say is not worth more waiting.
/// </summary>
internal sealed class ControlSender : IDisposable
{
    private const int TimeoutMilliseconds = 10_000;

    private readonly Socket _socket;
    private readonly FrameSealer _sealer;
    private readonly Lock _gate = new();
    private byte[] _buffer = new byte[1024];
    private bool _disposed;

    public ControlSender(Socket socket, byte[] key)
    {
        _socket = socket;
        _socket.SendTimeout = TimeoutMilliseconds;
        _sealer = new FrameSealer(key);
    }

    /// <summary>False when the connection has ended or just broke; the receiving side finds out why.</summary>
    public bool TrySend(in Frame frame)
    {
        try
        {
            lock (_gate)
            {
                return !_disposed && Send(frame);
            }
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        catch (SocketException)
        {
            ShutDown(); // part of a frame may have gone, so nothing more can follow it
            return false;
        }
    }

    /// <summary>Ends the connection in both directions, which wakes the thread that receives.</summary>
    public void ShutDown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is down.
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _sealer.Dispose();
        }
    }

    private bool Send(in Frame frame)
    {
        int bytes = FrameSealer.SealedBytes(frame);
        _buffer = _buffer.Length < bytes ? new byte[bytes] : _buffer;
        _sealer.Seal(frame, _buffer);
        for (int sent = 0; sent < bytes;)
        {
            sent += _socket.Send(_buffer.AsSpan(sent, bytes - sent));
        }

        return true;
    }
}
