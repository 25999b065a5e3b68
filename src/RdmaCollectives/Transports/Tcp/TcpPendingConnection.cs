namespace RdmaCollectives.Transports.Tcp;

/// <summary>
/// The connections of all channels to one peer while they are made. The lower rank connects, the higher accepts. <see cref="LocalInfo"/>: length of the description (4 bytes), description, token and answer per channel (<see cref="Greeting"/>; those of the higher rank are used), and where payload is encrypted a public key.
/// </summary>
internal sealed class TcpPendingConnection : PendingConnection
{
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMilliseconds(50);

    private readonly TcpTransport _transport;
    private readonly TcpAcceptor _acceptor;
    private readonly int _peer;
    private readonly (UInt128 Token, UInt128 Answer)[] _greetings;
    private readonly TcpExpectation[] _expectations;
    private readonly RecordKeyAgreement? _keys;

    public TcpPendingConnection(TcpTransport transport, TcpAcceptor acceptor, int peer, int channelCount)
    {
        _transport = transport;
        _acceptor = acceptor;
        _peer = peer;
        _greetings = new (UInt128, UInt128)[channelCount];
        _expectations = new TcpExpectation[channelCount];
        using MemoryStream info = new();
        byte[] description = transport.Describe();
        info.Write(BitConverter.GetBytes(description.Length));
        info.Write(description);
        for (int channel = 0; channel < channelCount; channel++)
        {
            (UInt128 token, UInt128 answer) = (Greeting.NewToken(), Greeting.NewToken());
            _greetings[channel] = (token, answer);
            _expectations[channel] = new TcpExpectation { Answer = answer };
            info.Write(Greeting.ToBytes(token));
            info.Write(Greeting.ToBytes(answer));
            if (Accepts)
            {
                acceptor.Expect(token, _expectations[channel]);
            }
        }

        if (transport.IsEncrypted)
        {
            _keys = new RecordKeyAgreement(transport.Context, peer, transport.Settings.RecordsPerKey);
            info.Write(_keys.PublicKey());
        }

        LocalInfo = info.ToArray();
    }

    /// <inheritdoc/>
    public override byte[] LocalInfo { get; }

    private bool Accepts => _transport.Context.Rank > _peer;

    /// <inheritdoc/>
    public override Connection[] Complete(ReadOnlySpan<byte> remoteInfo)
    {
        TcpDescription description = Parse(remoteInfo, out (UInt128, UInt128)[] remoteGreetings);
        long deadline = Environment.TickCount64 + (long)_transport.Context.ConnectTimeout.TotalMilliseconds;
        if (Accepts)
        {
            Accept(deadline);
        }
        else
        {
            Connect(description, remoteGreetings, deadline);
        }

        Connection[] connections = new Connection[_expectations.Length];
        for (int channel = 0; channel < connections.Length; channel++)
        {
            connections[channel] = _transport.Adopt(_peer, channel, _expectations[channel].Socket!, _keys?.Sealer(_transport.Name, channel), _keys?.Opener(_transport.Name, channel));
            _expectations[channel].Socket = null;
        }

        return connections;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _keys?.Dispose();
        for (int channel = 0; channel < _expectations.Length; channel++)
        {
            _acceptor.Withdraw(_greetings[channel].Token);
            _expectations[channel].Socket?.Dispose();
        }
    }

    private void Accept(long deadline)
    {
        while (Array.Exists(_expectations, expectation => expectation.Socket is null))
        {
            _acceptor.Turn(LongestTurn);
            if (_transport.IsFenced)
            {
                throw new CollectiveException(Error.Aborted, $"The communicator ended while rank {_transport.Context.Rank} waited for rank {_peer} to connect over TCP.", _transport.Context.Rank, _peer);
            }

            if (Environment.TickCount64 >= deadline)
            {
                throw new CollectiveException(
                    Error.Transport,
                    $"Rank {_peer} did not connect to rank {_transport.Context.Rank} over TCP within {_transport.Context.ConnectTimeout.TotalSeconds:0.#} s; this rank listens on {_transport.ListeningOn}. "
                    + "See that rank's output; open the ports between the hosts, or name the right interface on every rank with RDMACC_INTERFACE.",
                    _transport.Context.Rank,
                    _peer);
            }
        }
    }

    private void Connect(TcpDescription description, (UInt128 Token, UInt128 Answer)[] greetings, long deadline)
    {
        IReadOnlyList<Candidate> candidates = description.ReachableFrom(_transport.HostId);
        if (candidates.Count == 0)
        {
            throw new CollectiveException(Error.Transport, $"Rank {_transport.Context.Rank} can't reach rank {_peer} over TCP: {TcpTransport.NoCommonAddress(_peer)}.", _transport.Context.Rank, _peer);
        }

        TcpConnector connector = new(_acceptor, _transport.Settings, _transport.Context.Rank, _peer, () => _transport.IsFenced);
        for (int channel = 0; channel < greetings.Length; channel++)
        {
            _expectations[channel].Socket = connector.Connect(candidates, greetings[channel].Token, greetings[channel].Answer, deadline);
        }
    }

    private TcpDescription Parse(ReadOnlySpan<byte> remoteInfo, out (UInt128 Token, UInt128 Answer)[] greetings)
    {
        try
        {
            if (_keys is not null && remoteInfo.Length >= RecordKeyAgreement.PublicKeyBytes)
            {
                _keys.Complete(remoteInfo[^RecordKeyAgreement.PublicKeyBytes..]);
                remoteInfo = remoteInfo[..^RecordKeyAgreement.PublicKeyBytes];
            }

            int length = remoteInfo.Length < sizeof(int) ? -1 : BitConverter.ToInt32(remoteInfo);
            if (length < 0 || remoteInfo.Length - sizeof(int) < length || remoteInfo.Length - sizeof(int) - length != _greetings.Length * 2 * Greeting.TokenBytes)
            {
                throw new InvalidDataException($"{remoteInfo.Length} bytes do not hold a description and the greetings of {_greetings.Length} channels (as many as this rank has)");
            }

            greetings = new (UInt128, UInt128)[_greetings.Length];
            ReadOnlySpan<byte> rest = remoteInfo[(sizeof(int) + length)..];
            for (int channel = 0; channel < greetings.Length; channel++)
            {
                greetings[channel] = (Greeting.ReadToken(rest), Greeting.ReadToken(rest[Greeting.TokenBytes..]));
                rest = rest[(2 * Greeting.TokenBytes)..];
            }

            return TcpDescription.Parse(remoteInfo.Slice(sizeof(int), length));
        }
        catch (InvalidDataException e)
        {
            throw new CollectiveException(Error.Protocol, $"Rank {_peer} sent connection data for TCP that this rank does not understand: {e.Message}.", _transport.Context.Rank, _peer, innerException: e);
        }
    }
}
