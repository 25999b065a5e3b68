using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>Queue pairs to one peer, one per channel, in INIT with their receives posted; connected when the peer's addresses are known.</summary>
internal sealed class RdmaPendingConnection : PendingConnection
{
    private readonly RdmaTransport _transport;
    private readonly int _peer;
    private readonly List<(RdmaConnection Connection, RdmaPath Path)> _ends = [];
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
        catch (CollectiveException)
        {
            Dispose();
            throw;
        }
        catch (VerbsException error)
        {
            Dispose();
            throw new CollectiveException(Error.Resource, $"A connection to rank {peer} could not be made: {error.Message} Each of its {channelCount} channels takes a queue pair and two regions (RDMACC_CHANNELS).", transport.Context.Rank, peer, nativeError: error.ErrorNumber, innerException: error);
        }
    }

    public override byte[] LocalInfo => _localInfo;

    public override Connection[] Complete(ReadOnlySpan<byte> remoteInfo)
    {
        if (remoteInfo.Length != _localInfo.Length)
        {
            throw new CollectiveException(Error.Protocol, $"Rank {_peer} sent {remoteInfo.Length} bytes to connect with, expected were {_localInfo.Length}.", _transport.Context.Rank, _peer);
        }

        RdmaRail? rail = null;
        try
        {
            _keys?.Complete(remoteInfo[^RecordKeyAgreement.PublicKeyBytes..]);
            for (int channel = 0; channel < _ends.Count; channel++)
            {
                rail = _ends[channel].Path.Rail;
                RdmaEndpoint remote = RdmaEndpoint.ReadBytes(remoteInfo[(channel * RdmaEndpoint.ByteSize)..]);
                (RdmaConnection connection, RdmaPath path) = _ends[channel];
                connection.Start(path, _keys?.Sealer(_transport.Name, channel), _keys?.Opener(_transport.Name, channel));
                _transport.Connect(path, remote, _transport.Progress);
            }
        }
        catch (VerbsException error)
        {
            string why = rail is null ? error.Message : _transport.WithTrouble(rail, error.Message);
            throw new CollectiveException(Error.Transport, $"The connection to rank {_peer} could not be made: {why}", _transport.Context.Rank, _peer, nativeError: error.ErrorNumber, innerException: error);
        }

        _handedOver = true;
        _ends.ForEach(end => _transport.Keeper?.Watch(end.Connection));
        return [.. _ends.Select(end => end.Connection)];
    }

    public override void Dispose()
    {
        _keys?.Dispose();
        if (!_handedOver)
        {
            _ends.ForEach(end => _transport.Remove(end.Connection));
            _ends.Clear();
        }
    }

    private void Add(int channel)
    {
        RdmaConnection connection = _transport.CreateConnection(_peer, channel);
        RdmaPath path;
        try
        {
            path = _transport.CreatePath(connection, _transport.RailOf(_peer, channel), number: 0);
        }
        catch
        {
            _transport.Remove(connection);
            throw;
        }

        _ends.Add((connection, path));
        path.Endpoint.WriteBytes(_localInfo.AsSpan(channel * RdmaEndpoint.ByteSize));
    }
}
