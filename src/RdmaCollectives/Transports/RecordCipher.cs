using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RdmaCollectives.Transports;

/// <summary>
/// AES-256-GCM for one direction of one connection (docs/adr/0020-encryption-of-payloads.md). The nonce counts records and is never sent: both ends count alike, so a record that is altered, repeated,
/// dropped, moved or another connection's fails its tag. After <see cref="RecordsPerKey"/> records both ends go on with the next key, which tells nothing of those before it. One thread at a time; a record
/// allocates nothing, the change of the key does.
/// </summary>
internal sealed class RecordCipher : IDisposable
{
    public const int KeyBytes = 32;

    public const int TagBytes = 16;

    /// <summary>
    /// Far below 2^32. At 128 KiB a record this is 2 TiB under one key, 2^37 blocks: the odds of telling them from random bytes stay under 2^-53 (NIST SP 800-38D; blocks squared over 2^129, both ends).
    /// </summary>
    public const long RecordsPerKey = 1 << 24;

    private const int NonceBytes = 12;

    private readonly long _recordsPerKey;
    private readonly byte[] _key;
    private AesGcm _cipher;
    private long _count;

    /// <param name="key">32 bytes, the cipher's from now on.</param>
    /// <param name="recordsPerKey">For tests.</param>
    public RecordCipher(byte[] key, long recordsPerKey = RecordsPerKey)
    {
        _key = key;
        _recordsPerKey = recordsPerKey;
        _cipher = new AesGcm(key, TagBytes);
    }

    /// <summary>Seals the next record. <paramref name="plain"/> and <paramref name="to"/> have one length and are the same memory or apart.</summary>
    public void Seal(ReadOnlySpan<byte> plain, Span<byte> to, Span<byte> tag, ReadOnlySpan<byte> associated = default)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        NextNonce(nonce);
        _cipher.Encrypt(nonce, plain, to, tag, associated);
    }

    /// <summary>
    /// Opens the next record. False when it is not what the other end sealed at this place; <paramref name="to"/> holds nothing of it then, and nothing after it can be opened.
    /// </summary>
    public bool TryOpen(ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> to, ReadOnlySpan<byte> associated = default)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        NextNonce(nonce);
        try
        {
            _cipher.Decrypt(nonce, ciphertext, tag, to, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            to.Clear();
            return false;
        }
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        _cipher.Dispose();
    }

    private void NextNonce(Span<byte> nonce)
    {
        if (_count == _recordsPerKey)
        {
            ChangeKey();
        }

        nonce.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(nonce[4..], _count++);
    }

    private void ChangeKey()
    {
        byte[] next = HKDF.Expand(HashAlgorithmName.SHA256, _key, KeyBytes, "rdmacc next key of records"u8.ToArray());
        next.CopyTo(_key, 0);
        CryptographicOperations.ZeroMemory(next);
        _cipher.Dispose();
        _cipher = new AesGcm(_key, TagBytes);
        _count = 0;
    }
}
