using System.Buffers.Binary;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// Seals frames of one direction of one socket with AES-GCM. The nonce is a counter that only grows and is never sent: the receiver counts too, so a frame that is
/// dropped, repeated or moved fails its tag like one that was altered.
/// </summary>
internal sealed class FrameSealer(byte[] key, ulong recordsPerKey = RecordKey.MostRecords) : IDisposable
{
    private readonly RecordKey _key = new(key, recordsPerKey);

    public static int SealedBytes(in Frame frame) => WireProtocol.PrefixBytes + frame.ByteCount + WireProtocol.TagBytes;

    /// <summary>Writes prefix, sealed frame and tag to <paramref name="to"/> and returns their length. The prefix is authenticated too.</summary>
    public int Seal(in Frame frame, Span<byte> to)
    {
        int bytes = frame.ByteCount;
        Span<byte> prefix = to[..WireProtocol.PrefixBytes];
        Span<byte> body = to.Slice(WireProtocol.PrefixBytes, bytes);
        Span<byte> tag = to.Slice(WireProtocol.PrefixBytes + bytes, WireProtocol.TagBytes);
        BinaryPrimitives.WriteInt32LittleEndian(prefix, bytes + WireProtocol.TagBytes);
        frame.Write(body);
        Span<byte> nonce = stackalloc byte[12];
        _key.Next(nonce).Encrypt(nonce, body, body, tag, prefix);
        return WireProtocol.PrefixBytes + bytes + WireProtocol.TagBytes;
    }

    public void Dispose() => _key.Dispose();
}
