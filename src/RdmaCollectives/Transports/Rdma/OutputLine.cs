using System.Runtime.InteropServices;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>
/// The 64 bytes in which a rank lets its peer write results into its output for one call (docs/adr/0001-the-wire.md). Written by one RDMA WRITE, polled in memory: taken only when its number is newer and
/// its check word holds, so a torn or stale line is not taken.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = ByteSize)]
internal unsafe struct OutputLine
{
    public const int ByteSize = 64;

    private const int CheckOffset = 48;
    private const int CheckIndex = CheckOffset / sizeof(ulong);

    /// <summary>The call for which it is open.</summary>
    [FieldOffset(0)]
    public ulong Call;

    /// <summary>Where the output begins, in the owner's process.</summary>
    [FieldOffset(8)]
    public ulong Address;

    [FieldOffset(16)]
    public ulong ByteCount;

    /// <summary>The key to it, on the device of the path.</summary>
    [FieldOffset(24)]
    public uint RemoteKey;

    /// <summary>The path for which the key is good.</summary>
    [FieldOffset(28)]
    public uint Path;

    [FieldOffset(36)]
    public uint Epoch;

    [FieldOffset(CheckOffset)]
    private ulong _check;

    [FieldOffset(56)]
    private ulong _number;

    /// <summary>Ready to be written as the line of this number, from 1.</summary>
    public void Seal(ulong number)
    {
        _number = number;
        _check = Mix();
    }

    /// <summary>Reads a line that a NIC may be writing at this moment. False while there is nothing newer than <paramref name="lastNumber"/>, or not all of it.</summary>
    public static bool TryTake(OutputLine* at, uint epoch, ref ulong lastNumber, ref OutputLine taken)
    {
        ulong number = Volatile.Read(ref at->_number);
        if (number <= lastNumber)
        {
            return false;
        }

        if (!System.Runtime.Intrinsics.X86.X86Base.IsSupported)
        {
            Interlocked.MemoryBarrier(); // after a line that a NIC wrote, on weakly ordered machines
        }

        OutputLine copy = *at;
        if (copy._number != number || copy.Epoch != epoch || copy._check != copy.Mix())
        {
            return false;
        }

        lastNumber = number;
        taken = copy;
        return true;
    }

    // The seven other words in their order, those that are not used yet too; a multiplication by an odd constant spreads every bit upwards.
    private ulong Mix()
    {
        const ulong Odd = 0x9e3779b97f4a7c15;
        ulong mixed = Odd;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<OutputLine, ulong>(new ReadOnlySpan<OutputLine>(ref this));
        for (int i = 0; i < words.Length; i++)
        {
            mixed = (mixed ^ (i == CheckIndex ? 0 : words[i])) * Odd;
            mixed ^= mixed >> 32;
        }

        return mixed;
    }
}
