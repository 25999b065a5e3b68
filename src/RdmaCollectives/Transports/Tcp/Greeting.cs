using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RdmaCollectives.Transports.Tcp;

/// <summary>
/// What a new socket carries before the first message: the connector says the acceptor's token (16 bytes), the acceptor answers with another (16 bytes), the connector confirms (1 byte).
/// Only the two know the tokens, so each knows whom it has reached, whatever address led there (bridges of several hosts have the same addresses); and a socket that the connector gave up is not taken
/// for the connection. Token and answer are random, made by the acceptor per channel, and travel sealed over the control plane. The acceptor needs nothing of the connector to answer, so it serves
/// ranks whose half it has not seen yet.
/// </summary>
internal static class Greeting
{
    public const int TokenBytes = 16;
    public const byte Confirmation = 1;

    public static UInt128 NewToken() => ReadToken(RandomNumberGenerator.GetBytes(TokenBytes));

    public static UInt128 ReadToken(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt128LittleEndian(bytes);

    public static byte[] ToBytes(UInt128 token)
    {
        byte[] bytes = new byte[TokenBytes];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, token);
        return bytes;
    }
}
