using System.Buffers.Binary;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// A <see cref="RankStatus"/> as bytes: what there is 1 (bits below), milliseconds 8, last completed 8, queued 4, then the calls that there are (128 each: the last one, the one that was asked for, the one
/// elsewhere), and of a blockage its number 8, two counts 2 + 2, per awaited message 17, and per connection 14.
/// </summary>
internal static class RankStatusCodec
{
    /// <summary>The most entries of each kind that are told; those of a world in which more are awaited at once are cut, and the status says nothing of a blockage then.</summary>
    public const int MaxEntries = 1500;

    private const int FixedBytes = 21;
    private const int AwaitedBytes = 17;
    private const int CountBytes = 14;

    [Flags]
    private enum Parts : byte
    {
        None = 0,
        InCall = 1,
        Call = 2,
        Asked = 4,
        Elsewhere = 8,
        Blockage = 16,
        All = 31,
    }

    public static byte[] Write(RankStatus status)
    {
        Blockage? blockage = status.Blockage is { } told && told.Awaited.Length <= MaxEntries && told.Counts.Length <= MaxEntries ? told : null;
        Parts parts = If(status.IsInCall, Parts.InCall) | If(status.Call is not null, Parts.Call) | If(status.Asked is not null, Parts.Asked) | If(status.Elsewhere is not null, Parts.Elsewhere) | If(blockage is not null, Parts.Blockage);
        byte[] bytes = new byte[SizeOf(parts) + (blockage is null ? 0 : (blockage.Awaited.Length * AwaitedBytes) + (blockage.Counts.Length * CountBytes))];
        bytes[0] = (byte)parts;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), (long)status.For.TotalMilliseconds);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(9), status.LastCompleted);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(17), status.Queued);
        Span<byte> rest = bytes.AsSpan(FixedBytes);
        Put(status.Call, ref rest);
        Put(status.Asked, ref rest);
        Put(status.Elsewhere, ref rest);
        if (blockage is not null)
        {
            Put(blockage, rest);
        }

        return bytes;
    }

    /// <exception cref="CollectiveException">These are not the bytes of a status.</exception>
    public static RankStatus Read(ReadOnlySpan<byte> bytes)
    {
        var parts = bytes.IsEmpty ? Parts.All : (Parts)bytes[0];
        long milliseconds = bytes.Length < FixedBytes ? -1 : BinaryPrimitives.ReadInt64LittleEndian(bytes[1..]);
        if ((parts & ~Parts.All) != Parts.None || bytes.Length < SizeOf(parts) || (ulong)milliseconds > uint.MaxValue)
        {
            throw Unreadable(bytes.Length);
        }

        ReadOnlySpan<byte> rest = bytes[FixedBytes..];
        var status = new RankStatus
        {
            IsInCall = parts.HasFlag(Parts.InCall),
            For = TimeSpan.FromMilliseconds(milliseconds),
            LastCompleted = BinaryPrimitives.ReadUInt64LittleEndian(bytes[9..]),
            Queued = BinaryPrimitives.ReadInt32LittleEndian(bytes[17..]),
            Call = Take(parts.HasFlag(Parts.Call), ref rest),
            Asked = Take(parts.HasFlag(Parts.Asked), ref rest),
            Elsewhere = Take(parts.HasFlag(Parts.Elsewhere), ref rest),
        };
        return !parts.HasFlag(Parts.Blockage) && rest.IsEmpty ? status
            : parts.HasFlag(Parts.Blockage) ? status with { Blockage = TakeBlockage(rest, bytes.Length) }
            : throw Unreadable(bytes.Length);
    }

    private static int SizeOf(Parts parts) =>
        FixedBytes + (int.PopCount((int)(parts & (Parts.Call | Parts.Asked | Parts.Elsewhere))) * CallDescription.ByteSize) + (parts.HasFlag(Parts.Blockage) ? 12 : 0);

    private static Parts If(bool isThere, Parts part) => isThere ? part : Parts.None;

    private static void Put(CallDescription? call, ref Span<byte> to)
    {
        if (call is { } known)
        {
            known.Write(to);
            to = to[CallDescription.ByteSize..];
        }
    }

    private static CallDescription? Take(bool isThere, ref ReadOnlySpan<byte> from)
    {
        if (!isThere)
        {
            return null;
        }

        CallDescription call = CallDescription.Read(from) ?? throw Unreadable(from.Length);
        from = from[CallDescription.ByteSize..];
        return call;
    }

    private static void Put(Blockage blockage, Span<byte> to)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, blockage.Number);
        BinaryPrimitives.WriteUInt16LittleEndian(to[8..], (ushort)blockage.Awaited.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(to[10..], (ushort)blockage.Counts.Length);
        to = to[12..];
        foreach (AwaitedMessage wait in blockage.Awaited)
        {
            to[0] = (byte)wait.Kind;
            BinaryPrimitives.WriteUInt16LittleEndian(to[1..], (ushort)wait.Lane);
            BinaryPrimitives.WriteInt32LittleEndian(to[3..], wait.Peer);
            BinaryPrimitives.WriteUInt16LittleEndian(to[7..], (ushort)wait.Channel);
            BinaryPrimitives.WriteUInt32LittleEndian(to[9..], wait.Count);
            BinaryPrimitives.WriteInt32LittleEndian(to[13..], wait.Window);
            to = to[AwaitedBytes..];
        }

        foreach (MessageCount count in blockage.Counts)
        {
            BinaryPrimitives.WriteInt32LittleEndian(to, count.Peer);
            BinaryPrimitives.WriteUInt16LittleEndian(to[4..], (ushort)count.Channel);
            BinaryPrimitives.WriteUInt32LittleEndian(to[6..], count.Sent);
            BinaryPrimitives.WriteUInt32LittleEndian(to[10..], count.Received);
            to = to[CountBytes..];
        }
    }

    private static Blockage TakeBlockage(ReadOnlySpan<byte> from, int byteCount)
    {
        int awaitedCount = BinaryPrimitives.ReadUInt16LittleEndian(from[8..]);
        int countCount = BinaryPrimitives.ReadUInt16LittleEndian(from[10..]);
        if (awaitedCount > MaxEntries || countCount > MaxEntries || from.Length != 12 + (awaitedCount * AwaitedBytes) + (countCount * CountBytes))
        {
            throw Unreadable(byteCount);
        }

        var awaited = new AwaitedMessage[awaitedCount];
        var counts = new MessageCount[countCount];
        ulong number = BinaryPrimitives.ReadUInt64LittleEndian(from);
        from = from[12..];
        for (int i = 0; i < awaitedCount; i++, from = from[AwaitedBytes..])
        {
            if (from[0] > (byte)AwaitKind.Behind)
            {
                throw Unreadable(byteCount);
            }

            awaited[i] = new AwaitedMessage(
                BinaryPrimitives.ReadUInt16LittleEndian(from[1..]),
                (AwaitKind)from[0],
                BinaryPrimitives.ReadInt32LittleEndian(from[3..]),
                BinaryPrimitives.ReadUInt16LittleEndian(from[7..]),
                BinaryPrimitives.ReadUInt32LittleEndian(from[9..]),
                BinaryPrimitives.ReadInt32LittleEndian(from[13..]));
        }

        for (int i = 0; i < countCount; i++, from = from[CountBytes..])
        {
            counts[i] = new MessageCount(
                BinaryPrimitives.ReadInt32LittleEndian(from),
                BinaryPrimitives.ReadUInt16LittleEndian(from[4..]),
                BinaryPrimitives.ReadUInt32LittleEndian(from[6..]),
                BinaryPrimitives.ReadUInt32LittleEndian(from[10..]));
        }

        return new Blockage(number, awaited, counts);
    }

    private static CollectiveException Unreadable(int byteCount) => new(Error.Protocol, $"The status of a rank in {byteCount} bytes can't be read.");
}
