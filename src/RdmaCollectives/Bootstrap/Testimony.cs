using System.Buffers.Binary;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap;

/// <summary>What each rank tells all others once their communicator is at fault: the first fault that it knows of, and what it did. Bytes: length of the fault 4, the fault, the status (or nothing).</summary>
internal static class Testimony
{
    public static byte[] Write(Fault first, RankStatus? status)
    {
        byte[] fault = FaultCodec.Write(first);
        byte[] told = status is null ? [] : RankStatusCodec.Write(status);
        byte[] bytes = new byte[sizeof(int) + fault.Length + told.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, fault.Length);
        fault.CopyTo(bytes, sizeof(int));
        told.CopyTo(bytes, sizeof(int) + fault.Length);
        return bytes;
    }

    /// <exception cref="CollectiveException">These are not the bytes of a testimony in a communicator of so many ranks.</exception>
    public static (Fault First, RankStatus? Status) Read(ReadOnlySpan<byte> bytes, int worldSize)
    {
        int length = bytes.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length < 0 || length > bytes.Length - sizeof(int))
        {
            throw new CollectiveException(Error.Protocol, $"What a rank says of a fault in {bytes.Length} bytes can't be read.");
        }

        Fault first = FaultCodec.Read(bytes.Slice(sizeof(int), length));
        if (first.Peer < -1 || first.Peer >= worldSize || first.Reporter < -1 || first.Reporter >= worldSize)
        {
            throw new CollectiveException(Error.Protocol, $"A fault came that rank {first.Reporter} noticed of rank {first.Peer}, and there are ranks 0 to {worldSize - 1}.");
        }

        ReadOnlySpan<byte> status = bytes[(sizeof(int) + length)..];
        return (first, status.IsEmpty ? null : RankStatusCodec.Read(status));
    }
}
