using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap;

/// <summary>A <see cref="Fault"/> as bytes: error 4, reporter 4, peer 4, native error 4, when (ticks of UTC) 8, flags 1 (bit 0: with the reporter's call, bit 1: with the peer's, bit 2: the death is proven), these calls, and the message in UTF-8.</summary>
internal static class FaultCodec
{
    /// <summary>The longest message in bytes; what is longer is cut.</summary>
    public const int MaxMessageBytes = 8192;

    private const int FixedBytes = 25;
    private const int Proven = 4;

    public static byte[] Write(Fault fault)
    {
        byte[] message = TravellingText.Shortened(fault.Message, MaxMessageBytes);
        int calls = (fault.Call is null ? 0 : 1) | (fault.PeerCall is null ? 0 : 2);
        int callBytes = int.PopCount(calls) * CallDescription.ByteSize;
        byte[] bytes = new byte[FixedBytes + callBytes + message.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)fault.Error);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), fault.Reporter);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), fault.Peer);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), fault.NativeError);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), fault.When.UtcTicks);
        bytes[24] = (byte)(calls | (fault.IsProven ? Proven : 0));
        fault.Call?.Write(bytes.AsSpan(FixedBytes));
        fault.PeerCall?.Write(bytes.AsSpan(FixedBytes + callBytes - CallDescription.ByteSize));
        message.CopyTo(bytes.AsSpan(FixedBytes + callBytes));
        return bytes;
    }

    /// <exception cref="CollectiveException">These are not the bytes of a fault.</exception>
    public static Fault Read(ReadOnlySpan<byte> bytes)
    {
        int flags = bytes.Length < FixedBytes ? -1 : bytes[24];
        int calls = flags < 0 ? -1 : flags & ~Proven;
        int callBytes = int.PopCount(calls) * CallDescription.ByteSize;
        long ticks = calls < 0 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        if (calls is < 0 or > 3 || bytes.Length < FixedBytes + callBytes || bytes.Length > FixedBytes + callBytes + MaxMessageBytes || (ulong)ticks > (ulong)DateTime.MaxValue.Ticks)
        {
            throw new CollectiveException(Error.Protocol, $"A fault of {bytes.Length} bytes can't be read.");
        }

        var error = (Error)BinaryPrimitives.ReadInt32LittleEndian(bytes);
        CallDescription? call = (calls & 1) == 0 ? null : CallDescription.Read(bytes[FixedBytes..]);
        CallDescription? peerCall = (calls & 2) == 0 ? null : CallDescription.Read(bytes[(FixedBytes + callBytes - CallDescription.ByteSize)..]);
        bool isWhole = call is null == ((calls & 1) == 0) && peerCall is null == ((calls & 2) == 0);
        if (!Enum.IsDefined(error) || !isWhole || !Utf8.IsValid(bytes[(FixedBytes + callBytes)..]))
        {
            throw new CollectiveException(Error.Protocol, $"A fault with error {(int)error} can't be read: its error, a call or its text is not one.");
        }

        return new Fault
        {
            Error = error,
            Reporter = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            Peer = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            NativeError = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            When = new DateTimeOffset(ticks, TimeSpan.Zero),
            IsProven = (flags & Proven) != 0,
            Call = call,
            PeerCall = peerCall,
            Message = Encoding.UTF8.GetString(bytes[(FixedBytes + callBytes)..]),
        };
    }
}
