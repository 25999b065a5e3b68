using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using RdmaCollectives.Bootstrap.Handshake;

namespace RdmaCollectives.Transports;

/// <summary>
/// One end of agreeing on the keys of all connections between two ranks: an ephemeral P-256 key, whose public half goes to the peer over the control plane. That is sealed and authenticated, so nobody between
/// the two can put a key of their own there; and as the keys follow from the agreement, who reads the control plane later does not learn them.
/// </summary>
internal sealed class RecordKeyAgreement(TransportContext context, int peer, long recordsPerKey = RecordCipher.RecordsPerKey) : IDisposable
{
    public const int PublicKeyBytes = KeyExchange.PublicKeyBytes;

    private readonly KeyExchange _exchange = new();
    private byte[] _publicKey = [];
    private byte[] _key = [];

    /// <summary>What the peer needs.</summary>
    public byte[] PublicKey() => _publicKey = _exchange.PublicKey();

    /// <summary>Takes the peer's public key.</summary>
    /// <exception cref="CollectiveException">It is not one.</exception>
    public void Complete(ReadOnlySpan<byte> peersPublicKey)
    {
        byte[] theirs = peersPublicKey.ToArray();
        byte[] transcript = context.Rank < peer ? KeyExchange.Transcript(_publicKey, theirs) : KeyExchange.Transcript(theirs, _publicKey);
        byte[] agreement = _exchange.Agree(theirs);
        _key = HKDF.Extract(HashAlgorithmName.SHA256, agreement, transcript);
        CryptographicOperations.ZeroMemory(agreement);
    }

    /// <summary>What this rank seals with on a channel. <paramref name="transport"/> by its name.</summary>
    public RecordCipher Sealer(string transport, int channel) => Cipher(transport, channel, context.Rank, peer);

    /// <summary>What this rank opens with on a channel.</summary>
    public RecordCipher Opener(string transport, int channel) => Cipher(transport, channel, peer, context.Rank);

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        _exchange.Dispose();
    }

    // A key of its own for every communicator, epoch, transport, channel and direction.
    private RecordCipher Cipher(string transport, int channel, int from, int to)
    {
        Span<byte> place = stackalloc byte[24];
        BinaryPrimitives.WriteUInt64LittleEndian(place, context.CommunicatorId);
        BinaryPrimitives.WriteInt32LittleEndian(place[8..], context.Epoch);
        BinaryPrimitives.WriteInt32LittleEndian(place[12..], channel);
        BinaryPrimitives.WriteInt32LittleEndian(place[16..], from);
        BinaryPrimitives.WriteInt32LittleEndian(place[20..], to);
        byte[] label = [.. "rdmacc records "u8, .. place, .. Encoding.UTF8.GetBytes(transport)];
        return new RecordCipher(HKDF.Expand(HashAlgorithmName.SHA256, _key, RecordCipher.KeyBytes, label), recordsPerKey);
    }
}
