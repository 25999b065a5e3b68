using System.Security.Cryptography;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>Queue pairs to one peer, one per channel, in INIT with their receives posted; connected when the peer's addresses are known.</summary>
internal sealed class RdmaPendingConnection : PendingConnection
{
    private readonly RdmaTransport _transport;
    private readonly int _peer;
    private readonly List<(RdmaConnection Connection, RdmaRail Rail, QueuePair QueuePair, uint SequenceNumber)> _ends = [];
    private readonly RecordKeyAgreement? _keys;
    private readonly byte[] _localInfo;
    private bool _handedOver;

    public RdmaPendingConnection(RdmaTransport transport, int peer, int channelCount)
    {
        _transport = transport;
        _peer = peer;
        _keys = transport.IsEncrypted ? new RecordKeyAgreement(transport.Context, peer) : null;
        byte[] publicKey = _keys?.PublicKey() ?? [];
        _localInfo = [.. new byte[channelCount * RdmaEndpoint.ByteSize], .. publicKey];
        try
        {
            for (int channel = 0; channel < channelCount; channel++)
            {
                Add(channel);
            }
        }
        catch (VerbsException error)
        {
            Dispose();
            throw new CollectiveException(Error.Resource, $"A connection to rank {peer} could not be made: {error.Message}", transport.Context.Rank, peer, nativeError: error.ErrorNumber, innerException: error);
        }
    }

    public override byte[] LocalInfo => _localInfo;

    public override Connection[] Complete(ReadOnlySpan<byte> remoteInfo)
    {
        if (remoteInfo.Length != _localInfo.Length)
        {
            throw new CollectiveException(Error.Protocol, $"Rank {_peer} sent {remoteInfo.Length} bytes to connect with, expected were {_localInfo.Length}.", _transport.Context.Rank, _peer);
        }

        try
        {
            _keys?.Complete(remoteInfo[^RecordKeyAgreement.PublicKeyBytes..]);
            for (int channel = 0; channel < _ends.Count; channel++)
            {
                RdmaEndpoint remote = RdmaEndpoint.ReadBytes(remoteInfo[(channel * RdmaEndpoint.ByteSize)..]);
                _ends[channel].QueuePair.Connect(remote.QueuePair, _transport.ConnectOptions(_peer, _ends[channel].Rail, _ends[channel].SequenceNumber));
                _ends[channel].Connection.Start(remote, _keys?.Sealer(_transport.Name, channel), _keys?.Opener(_transport.Name, channel));
            }
        }
        catch (VerbsException error)
        {
            throw new CollectiveException(Error.Transport, $"The connection to rank {_peer} could not be made: {error.Message}", _transport.Context.Rank, _peer, nativeError: error.ErrorNumber, innerException: error);
        }

        foreach ((RdmaConnection connection, _, _, _) in _ends)
        {
            connection.AwaitWindow();
        }

        _handedOver = true;
        return [.. _ends.Select(end => end.Connection)];
    }

    public override void Dispose()
    {
        _keys?.Dispose();
        if (!_handedOver)
        {
            foreach ((RdmaConnection connection, _, _, _) in _ends)
            {
                _transport.Remove(connection);
                connection.Dispose();
            }

            _ends.Clear();
        }
    }

    private void Add(int channel)
    {
        RdmaRail rail = _transport.RailOf(_peer, channel);
        (RdmaConnection connection, QueuePair queuePair, RdmaBuffers buffers) = _transport.CreateConnection(_peer, channel, rail);
        uint sequenceNumber = (uint)RandomNumberGenerator.GetInt32(1 << 24); // random, so that packets of an earlier connection are not taken for this one's
        _ends.Add((connection, rail, queuePair, sequenceNumber));
        RdmaPort port = rail.Port;
        var address = new QueuePairAddress(queuePair.Number, sequenceNumber, port.Attributes.LocalIdentifier, port.Gid?.Gid ?? default);
        new RdmaEndpoint(address, buffers.FirstMessageAddress, buffers.CreditAddress, buffers.RemoteKey).WriteBytes(_localInfo.AsSpan(channel * RdmaEndpoint.ByteSize));
    }
}
