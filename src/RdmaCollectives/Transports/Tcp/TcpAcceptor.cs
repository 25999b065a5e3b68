using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace RdmaCollectives.Transports.Tcp;

/// <summary>
/// The listening sockets of a transport, one per address, and the sockets that came in and have not yet said whom they want. It has no thread: whoever waits in a connect calls
/// <see cref="Turn"/>, which serves all expected connections, so that ranks may connect to each other in any order. Strangers cost a bounded number of descriptors for a bounded time.
/// </summary>
internal sealed class TcpAcceptor : IDisposable
{
    private const int Backlog = 1024;

    // Beside the expected ones.
    private const int MaxStrangers = 64;

    private readonly int _rank;
    private readonly ILogger _logger;
    private readonly TimeSpan _greetingTimeout;
    private readonly List<Socket> _listeners = [];
    private readonly List<TcpGreeter> _greeters = [];
    private readonly Dictionary<UInt128, TcpExpectation> _expected = [];
    private bool _strangerLogged;

    /// <summary>Listens on every one of <paramref name="addresses"/> that can be bound, at ports of the system's choice.</summary>
    /// <exception cref="CollectiveException">None could be bound.</exception>
    public TcpAcceptor(IReadOnlyList<Candidate> addresses, TcpSettings settings, int rank, ILogger logger)
    {
        _rank = rank;
        _logger = logger;
        _greetingTimeout = settings.GreetingTimeout;
        List<Candidate> listening = [];
        List<string> refused = [];
        foreach (Candidate address in addresses.Take(TcpDescription.MaxCandidates))
        {
            Socket listener = new(address.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            try
            {
                TcpSocketOptions.SetBuffers(listener, settings);
                listener.Bind(address.EndPoint);
                listener.Listen(Backlog);
                listening.Add(address with { Port = ((System.Net.IPEndPoint)listener.LocalEndPoint!).Port });
                _listeners.Add(listener);
            }
            catch (SocketException e)
            {
                refused.Add($"{address.Address} ({address.Interface}): {e.Message}");
                listener.Dispose();
            }
        }

        if (listening.Count == 0)
        {
            throw new CollectiveException(Error.Resource, $"No address could be listened on for TCP: {string.Join("; ", refused)}. Name another with RDMACC_INTERFACE.", rank);
        }

        Addresses = listening;
    }

    /// <summary>Where it listens, with ports.</summary>
    public IReadOnlyList<Candidate> Addresses { get; }

    public void Expect(UInt128 token, TcpExpectation expectation) => _expected.Add(token, expectation);

    public void Withdraw(UInt128 token) => _expected.Remove(token);

    /// <summary>
    /// Accepts, reads greetings and answers them for at most <paramref name="wait"/>, shorter when something happened, on <paramref name="other"/> too
    /// (readable, or also writable with <paramref name="otherWritable"/>).
    /// </summary>
    public void Turn(TimeSpan wait, Socket? other = null, bool otherWritable = false)
    {
        List<Socket> readable = [.. _listeners, .. _greeters.Select(greeter => greeter.Socket)];
        List<Socket> writable = [];
        if (other is not null)
        {
            (otherWritable ? writable : readable).Add(other);
        }

        Socket.Select(readable, writable, null, wait);
        foreach (Socket listener in _listeners)
        {
            if (readable.Contains(listener))
            {
                Accept(listener);
            }
        }

        // Read first, then look at the clock: what waited here while nobody called is not late.
        foreach (TcpGreeter greeter in _greeters.ToArray())
        {
            string? refusal = greeter.Read(_expected, out bool isDone);
            if (refusal is not null)
            {
                Drop(greeter, refusal);
            }
            else if (isDone)
            {
                _greeters.Remove(greeter);
            }
            else if (greeter.IsLate)
            {
                Drop(greeter, "it said nothing that was expected in time");
            }
        }
    }

    public void Dispose()
    {
        _listeners.ForEach(listener => listener.Dispose());
        _greeters.ForEach(greeter => greeter.Socket.Dispose());
        _listeners.Clear();
        _greeters.Clear();
        _expected.Clear();
    }

    private void Accept(Socket listener)
    {
        // Bounded, so that a flood of strangers does not keep the greeters from being read.
        for (int count = 0; count < MaxStrangers && listener.Poll(0, SelectMode.SelectRead); count++)
        {
            Socket socket;
            try
            {
                socket = listener.Accept();
            }
            catch (SocketException)
            {
                // The connector went away again, or descriptors are short: the next turn sees.
                return;
            }

            socket.Blocking = false;
            _greeters.Add(new TcpGreeter(socket, _greetingTimeout));
            if (_greeters.Count > MaxStrangers + _expected.Count && _greeters.Find(greeter => !greeter.IsMatched) is { } oldest)
            {
                Drop(oldest, "too many connections that say nothing");
            }
        }
    }

    private void Drop(TcpGreeter greeter, string reason)
    {
        _greeters.Remove(greeter);
        if (!_strangerLogged && !greeter.IsMatched)
        {
            _strangerLogged = true;
            TcpLog.Stranger(_logger, _rank, greeter.RemoteName, reason);
        }

        greeter.Socket.Dispose();
    }
}
