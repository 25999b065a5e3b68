using System.Buffers.Binary;

namespace RdmaCollectives.Bootstrap.Handshake;

/// <summary>
/// Where things lie in the four messages of the handshake. The first eleven bytes of the two hellos are the same in every wire version, so that two versions can at least tell each other apart.
/// <code>
/// client hello   magic 8, version 2, mode 1,                      nonce 32, public key 64
/// server hello   magic 8, version 2, refusal 1, demanded mode 1, [nonce 32, public key 64]   (the last two only without a refusal)
/// client finish  identity, proof 32
/// server finish  refusal 1, [proof 32]
/// </code>
/// </summary>
internal static class HandshakeLayout
{
    public const int Fixed = 11;
    public const int ClientHelloBytes = Fixed + KeyExchange.NonceBytes + KeyExchange.PublicKeyBytes;
    public const int ServerRefusalBytes = Fixed + 1;
    public const int ServerHelloBytes = ServerRefusalBytes + KeyExchange.NonceBytes + KeyExchange.PublicKeyBytes;

    private static ReadOnlySpan<byte> Magic => "rdmacc\r\n"u8;

    /// <summary>Magic, version and one byte, then <paramref name="rest"/>.</summary>
    public static byte[] Hello(ushort version, byte last, params ReadOnlySpan<byte[]> rest)
    {
        byte[] hello = new byte[Fixed];
        Magic.CopyTo(hello);
        BinaryPrimitives.WriteUInt16LittleEndian(hello.AsSpan(8), version);
        hello[10] = last;
        foreach (byte[] part in rest)
        {
            hello = [.. hello, .. part];
        }

        return hello;
    }

    public static bool IsHello(ReadOnlySpan<byte> message) => message.Length >= Fixed && message.StartsWith(Magic);

    public static ushort VersionOf(ReadOnlySpan<byte> hello) => BinaryPrimitives.ReadUInt16LittleEndian(hello[8..]);
}
