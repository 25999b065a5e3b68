using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap;

/// <summary>A <see cref="Fault"/> as bytes.</summary>
internal static class FaultCodec
{
    private const int FixedBytes = 17;
    private const int MaxMessageCharacters = 4096;

    public static byte[] Write(Fault fault)
    {
        string message = fault.Message.Length <= MaxMessageCharacters ? fault.Message : fault.Message[..MaxMessageCharacters];
        int callBytes = fault.Call is null ? 0 : CallDescription.ByteSize;
        byte[] bytes = new byte[FixedBytes + callBytes + Encoding.UTF8.GetByteCount(message)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)fault.Error);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), fault.Reporter);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), fault.Peer);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), fault.NativeError);
        bytes[16] = (byte)callBytes;
        fault.Call?.Write(bytes.AsSpan(FixedBytes));
        Encoding.UTF8.GetBytes(message, bytes.AsSpan(FixedBytes + callBytes));
        return bytes;
    }

    /// <exception cref="CollectiveException">These are not the bytes of a fault.</exception>
    public static Fault Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FixedBytes || bytes[16] is not (0 or CallDescription.ByteSize) || bytes.Length < FixedBytes + bytes[16])
        {
            throw new CollectiveException(Error.Protocol, $"A fault of {bytes.Length} bytes can't be read.");
        }

        int callBytes = bytes[16];
        var error = (Error)BinaryPrimitives.ReadInt32LittleEndian(bytes);
        CallDescription? call = callBytes == 0 ? null : CallDescription.Read(bytes[FixedBytes..]);
        if (!Enum.IsDefined(error) || (callBytes > 0 && call is null) || !Utf8.IsValid(bytes[(FixedBytes + callBytes)..]))
        {
            throw new CollectiveException(Error.Protocol, $"A fault with error {(int)error} can't be read: its error, its call or its text is not one.");
        }

        return new Fault
        {
            Error = error,
            Reporter = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            Peer = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            NativeError = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            Call = call,
            Message = Encoding.UTF8.GetString(bytes[(FixedBytes + callBytes)..]),
        };
    }
}
