using System.Net.Sockets;

namespace RdmaCollectives.Transports.Tcp;

/// <summary>
/// An accepted socket until it is a connection or refused:
/// <code>
/// token (16 bytes) --known--> answered --confirmation--> done
///                  --unknown--> refused
/// </code>
/// </summary>
internal sealed class TcpGreeter
{
    private readonly byte[] _token = new byte[Greeting.TokenBytes];
    private readonly long _deadline;
    private int _received;
    private TcpExpectation? _expectation;
    private bool _answered;

    public TcpGreeter(Socket socket, TimeSpan timeout)
    {
        Socket = socket;
        _deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        RemoteName = socket.RemoteEndPoint?.ToString() ?? "someone";
    }

    public Socket Socket { get; }

    public string RemoteName { get; }

    /// <summary>It knew a token: no stranger.</summary>
    public bool IsMatched => _expectation is not null;

    public bool IsLate => !IsMatched && Environment.TickCount64 > _deadline;

    /// <summary>Goes on as far as there are bytes. Returns why the socket is refused, or null.</summary>
    public string? Read(Dictionary<UInt128, TcpExpectation> expected, out bool isDone)
    {
        isDone = false;
        if (_received < Greeting.TokenBytes)
        {
            string? refusal = ReadBytes(_token.AsSpan(_received), out int count);
            _received += count;
            if (refusal is not null || _received < Greeting.TokenBytes)
            {
                return refusal;
            }

            if (!expected.TryGetValue(Greeting.ReadToken(_token), out _expectation))
            {
                return "it does not know the token of any expected connection";
            }
        }

        if (!_answered)
        {
            // A fresh socket takes 16 bytes at once.
            if (Socket.Send(Greeting.ToBytes(_expectation!.Answer), SocketFlags.None, out _) != Greeting.TokenBytes)
            {
                return "it went away";
            }

            _answered = true;
        }

        return ReadConfirmation(expected, out isDone);
    }

    private string? ReadConfirmation(Dictionary<UInt128, TcpExpectation> expected, out bool isDone)
    {
        isDone = false;
        Span<byte> confirmation = stackalloc byte[1];
        string? refusal = ReadBytes(confirmation, out int count);
        if (refusal is not null || count == 0)
        {
            return refusal;
        }

        // The first confirmed socket of a token is the connection; a token is good for one.
        if (confirmation[0] != Greeting.Confirmation || !expected.Remove(Greeting.ReadToken(_token)))
        {
            return "its greeting is not this library's";
        }

        _expectation!.Socket = Socket;
        isDone = true;
        return null;
    }

    private string? ReadBytes(Span<byte> bytes, out int count)
    {
        count = Socket.Receive(bytes, SocketFlags.None, out SocketError error);
        return error switch
        {
            SocketError.Success when count > 0 => null,
            SocketError.Success => "it closed the connection",
            SocketError.WouldBlock => null,
            _ => $"its connection failed ({error})",
        };
    }
}
