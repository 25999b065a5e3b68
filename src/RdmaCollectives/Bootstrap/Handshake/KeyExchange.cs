using System.Security.Cryptography;
using System.Text;

namespace RdmaCollectives.Bootstrap.Handshake;

/// <summary>
/// One end's ephemeral P-256 key, and what both ends derive from the agreement: two proofs and two keys. All of it depends on the whole transcript (both nonces, both public
/// keys, the versions, the mode, and who joins what), so bytes altered on the way or replayed from another connection give other values.
/// </summary>
internal sealed class KeyExchange : IDisposable
{
    public const int NonceBytes = 32;
    public const int PublicKeyBytes = 64;
    public const int ProofBytes = 32;
    private const int KeyBytes = 32;
    private const int CoordinateBytes = 32;

    private readonly ECDiffieHellman _own = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);

    public byte[] Nonce { get; } = RandomNumberGenerator.GetBytes(NonceBytes);

    /// <summary>The affine coordinates, X then Y.</summary>
    public byte[] PublicKey()
    {
        ECPoint point = _own.ExportParameters(includePrivateParameters: false).Q;
        return [.. point.X!, .. point.Y!];
    }

    /// <exception cref="CollectiveException">The other end's bytes are not a point of the curve.</exception>
    public byte[] Agree(ReadOnlySpan<byte> otherPublicKey)
    {
        try
        {
            var parameters = new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = otherPublicKey[..CoordinateBytes].ToArray(), Y = otherPublicKey[CoordinateBytes..].ToArray() },
            };
            using ECDiffieHellman other = ECDiffieHellman.Create(parameters); // checks that the point is on the curve
            using ECDiffieHellmanPublicKey otherKey = other.PublicKey;
            return _own.DeriveRawSecretAgreement(otherKey);
        }
        catch (CryptographicException e)
        {
            throw new CollectiveException(Error.Protocol, "The other end's public key is not a point of P-256.", innerException: e);
        }
    }

    /// <summary>SHA-256 over the parts, each with its length, so that bytes can't move from one part to the next.</summary>
    public static byte[] Transcript(params ReadOnlySpan<byte[]> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] part in parts)
        {
            hash.AppendData(BitConverter.GetBytes((long)part.Length));
            hash.AppendData(part);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>What only a holder of <paramref name="secret"/> who saw this transcript can say. The roles' labels differ, so one end's proof is of no use as the other's.</summary>
    public static byte[] Proof(byte[] secret, bool ofClient, byte[] transcript)
    {
        byte[] label = Encoding.ASCII.GetBytes(ofClient ? "rdmacc proof of the client" : "rdmacc proof of the server");
        return HMACSHA256.HashData(secret, (byte[])[.. label, .. transcript]);
    }

    /// <summary>HKDF over the agreement and the secret, salted with the transcript; one key per direction.</summary>
    public static SessionKeys Derive(byte[] agreement, byte[] secret, byte[] transcript)
    {
        byte[] key = HKDF.Extract(HashAlgorithmName.SHA256, [.. agreement, .. secret], transcript);
        return new SessionKeys(
            HKDF.Expand(HashAlgorithmName.SHA256, key, KeyBytes, "rdmacc client to server"u8.ToArray()),
            HKDF.Expand(HashAlgorithmName.SHA256, key, KeyBytes, "rdmacc server to client"u8.ToArray()));
    }

    public void Dispose() => _own.Dispose();
}
