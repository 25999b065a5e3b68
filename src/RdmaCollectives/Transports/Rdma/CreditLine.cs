using System.Runtime.InteropServices;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>
/// The 64 bytes in which a receiver tells how many messages it has released (docs/adr/0001-the-wire.md). Written by one RDMA WRITE, polled in memory: taken only when its number is newer and
/// its check word holds, so a torn or stale line is not taken.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = ByteSize)]
internal unsafe struct CreditLine
{
    public const int ByteSize = 64;

    [FieldOffset(0)]
    private ulong _released;

    [FieldOffset(36)]
    private uint _epoch;

    [FieldOffset(48)]
    private ulong _check;

    [FieldOffset(56)]
    private ulong _number;

    public static CreditLine Create(ulong released, uint epoch, ulong number)
    {
        CreditLine line = default;
        line._released = released;
        line._epoch = epoch;
        line._number = number;
        line._check = line.Mix();
        return line;
    }

    /// <summary>Reads a line that a NIC may be writing at this moment. False while there is nothing newer than <paramref name="lastNumber"/>, or not all of it.</summary>
    public static bool TryTake(CreditLine* line, uint epoch, ref ulong lastNumber, out ulong released)
    {
        released = 0;
        ulong number = Volatile.Read(ref line->_number);
        if (number <= lastNumber)
        {
            return false;
        }

        if (!System.Runtime.Intrinsics.X86.X86Base.IsSupported)
        {
            Interlocked.MemoryBarrier(); // after a line that a NIC wrote, on weakly ordered machines
        }

        CreditLine copy = *line;
        CreditLine whole = Create(copy._released, epoch, number);
        if (!new ReadOnlySpan<byte>(&copy, ByteSize).SequenceEqual(new ReadOnlySpan<byte>(&whole, ByteSize)))
        {
            return false;
        }

        lastNumber = number;
        released = copy._released;
        return true;
    }

    // The unused words are zero by definition, so three words carry all there is; a multiplication by an odd constant spreads every bit upwards.
    private readonly ulong Mix()
    {
        const ulong Odd = 0x9e3779b97f4a7c15;
        ulong mixed = (_released ^ Odd) * Odd;
        mixed = (mixed ^ (mixed >> 32) ^ _epoch) * Odd;
        return (mixed ^ (mixed >> 29) ^ _number) * Odd;
    }
}
