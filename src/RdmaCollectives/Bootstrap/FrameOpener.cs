using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RdmaCollectives.Bootstrap;

/// <summary>Opens what a <see cref="FrameSealer"/> sealed, in its order.</summary>
internal sealed class FrameOpener(byte[] key, ulong recordsPerKey = RecordKey.MostRecords) : IDisposable
{
    private readonly RecordKey _key = new(key, recordsPerKey);

    /// <exception cref="CollectiveException">It is not the next frame that the holder of the key sealed: altered, repeated, dropped before, or not theirs.</exception>
    public Frame Open(ReadOnlySpan<byte> sealedFrame)
    {
        int bytes = sealedFrame.Length - WireProtocol.TagBytes;
        if (bytes < Frame.HeaderBytes)
        {
            throw new CollectiveException(Error.Protocol, $"A sealed frame of {sealedFrame.Length} bytes is too short to be one.");
        }

        Span<byte> prefix = stackalloc byte[WireProtocol.PrefixBytes];
        BinaryPrimitives.WriteInt32LittleEndian(prefix, sealedFrame.Length);
        Span<byte> nonce = stackalloc byte[12];
        AesGcm cipher = _key.Next(nonce);
        byte[] plain = new byte[bytes];
        try
        {
            cipher.Decrypt(nonce, sealedFrame[..bytes], sealedFrame[bytes..], plain, prefix);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new CollectiveException(Error.Protocol, "A frame failed its authentication: it was altered, repeated or dropped on its way.", innerException: e);
        }

        return Frame.Read(plain);
    }

    public void Dispose() => _key.Dispose();
}
