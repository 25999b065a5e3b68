using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// The AES-GCM key of one direction of one socket, with its counter. Before a key has sealed as many records as is safe (2^32 with nonces that are counted, NIST SP 800-38D, 8.3), both ends step to the
/// next one, derived from it; they count alike, so nothing is said. The old key is forgotten.
/// </summary>
internal sealed class RecordKey : IDisposable
{
    /// <summary>Half of the limit: nobody comes near it.</summary>
    public const ulong MostRecords = 1UL << 31;

    private const int KeyBytes = 32;
    private readonly ulong _recordsPerKey;
    private byte[] _key;
    private AesGcm _cipher;
    private ulong _counter;

    /// <param name="key">32 bytes, taken over: cleared when the key is changed or disposed.</param>
    /// <param name="recordsPerKey">After how many records the key is changed; both ends must have the same number.</param>
    public RecordKey(byte[] key, ulong recordsPerKey = MostRecords)
    {
        _key = [.. key];
        _recordsPerKey = recordsPerKey;
        _cipher = new AesGcm(_key, WireProtocol.TagBytes);
    }

    /// <summary>The cipher for the next record, and its nonce in <paramref name="nonce"/> (12 bytes).</summary>
    public AesGcm Next(Span<byte> nonce)
    {
        if (_counter == _recordsPerKey)
        {
            Step();
        }

        nonce.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], _counter++);
        return _cipher;
    }

    public void Dispose()
    {
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_key);
    }

    private void Step()
    {
        byte[] next = HKDF.Expand(HashAlgorithmName.SHA256, _key, KeyBytes, "rdmacc next key"u8.ToArray());
        Dispose();
        _key = next;
        _cipher = new AesGcm(_key, WireProtocol.TagBytes);
        _counter = 0;
    }
}
