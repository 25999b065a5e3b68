using System.Net.Sockets;

namespace RdmaCollectives.Transports.Tcp;

/// <summary>
/// The connecting side: tries the addresses of a peer in order, again and again until the deadline, and takes the first where the peer itself answers. While it waits, it serves this rank's own acceptor.
/// </summary>
internal sealed class TcpConnector(TcpAcceptor acceptor, TcpSettings settings, int rank, int peer, Func<bool> isFenced)
{
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<Candidate, string> _refusals = [];

    /// <summary>The address that worked last; the next channel begins with it.</summary>
    private Candidate? _good;

    /// <summary>Connects, says <paramref name="token"/> and awaits <paramref name="answer"/>. The socket is the caller's.</summary>
    /// <exception cref="CollectiveException">No address worked by the deadline (in <see cref="Environment.TickCount64"/>).</exception>
    public Socket Connect(IReadOnlyList<Candidate> candidates, UInt128 token, UInt128 answer, long deadline)
    {
        long timeout = (long)settings.CandidateTimeout.TotalMilliseconds;
        while (true)
        {
            foreach (Candidate candidate in _good is null ? candidates : [_good, .. candidates.Where(other => other != _good)])
            {
                // A peer with one address may be late (it serves greetings only while it connects itself): no reason to begin again.
                long until = candidates.Count == 1 ? deadline : Math.Min(deadline, Environment.TickCount64 + timeout);
                if (Try(candidate, token, answer, until) is { } socket)
                {
                    _good = candidate;
                    return socket;
                }

                if (isFenced() || Environment.TickCount64 >= deadline)
                {
                    throw Failed(candidates);
                }
            }

            acceptor.Turn(LongestTurn);
        }
    }

    private Socket? Try(Candidate candidate, UInt128 token, UInt128 answer, long until)
    {
        Socket socket = new(candidate.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            TcpSocketOptions.SetBuffers(socket, settings);
            string? refusal = TryConnect(socket, candidate, until) ?? TryGreet(socket, token, answer, until);
            if (refusal is null)
            {
                Socket connected = socket;
                socket = null!;
                return connected;
            }

            _refusals[candidate] = refusal;
            return null;
        }
        catch (SocketException e)
        {
            _refusals[candidate] = e.Message;
            return null;
        }
        finally
        {
            socket?.Dispose();
        }
    }

    private string? TryConnect(Socket socket, Candidate candidate, long until)
    {
        try
        {
            socket.Connect(candidate.EndPoint);
            return null;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // Goes on in the kernel.
        }

        while (!socket.Poll(0, SelectMode.SelectWrite))
        {
            if (Ended(until))
            {
                return "no answer (a firewall, or the address is not reachable from here)";
            }

            acceptor.Turn(Wait(until), socket, otherWritable: true);
        }

        SocketError error = (SocketError)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        return error == SocketError.Success ? null : new SocketException((int)error).Message;
    }

    private string? TryGreet(Socket socket, UInt128 token, UInt128 answer, long until)
    {
        if (socket.Send(Greeting.ToBytes(token), SocketFlags.None, out _) != Greeting.TokenBytes)
        {
            return "connected, then closed";
        }

        Span<byte> said = stackalloc byte[Greeting.TokenBytes];
        int received = 0;
        while (received < said.Length)
        {
            int count = socket.Receive(said[received..], SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                if (Ended(until))
                {
                    return "connected, but the rank did not answer: it is late, or someone else listens there";
                }

                acceptor.Turn(Wait(until), socket);
            }
            else if (error != SocketError.Success || count == 0)
            {
                return "connected to someone else, who closed the connection";
            }
            else
            {
                received += count;
            }
        }

        if (Greeting.ReadToken(said) != answer)
        {
            return "connected to someone else, who gave a wrong answer";
        }

        return socket.Send([Greeting.Confirmation], SocketFlags.None, out _) == 1 ? null : "connected, then closed";
    }

    private bool Ended(long until) => isFenced() || Environment.TickCount64 >= until;

    private static TimeSpan Wait(long until) =>
        TimeSpan.FromMilliseconds(Math.Clamp(until - Environment.TickCount64, 0, (long)LongestTurn.TotalMilliseconds));

    private CollectiveException Failed(IReadOnlyList<Candidate> candidates)
    {
        string tried = string.Join("; ", candidates.Select(candidate => $"{candidate}: {_refusals.GetValueOrDefault(candidate, "not tried")}"));
        return isFenced()
            ? new CollectiveException(Error.Aborted, $"The communicator ended while rank {rank} connected to rank {peer} over TCP.", rank, peer)
            : new CollectiveException(
                Error.Transport,
                $"Rank {rank} could not connect to rank {peer} over TCP in time. Tried {tried}. Open the ports between the hosts, or name the right interface on every rank with RDMACC_INTERFACE.",
                rank,
                peer);
    }
}
