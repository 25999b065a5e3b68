using System.Runtime.CompilerServices;
using RdmaCollectives.Memory;

namespace RdmaCollectives.Benchmarks;

/// <summary>
/// An all-reduce of two ranks, and a send and receive between them, by hand: of the first, each writes its value and then its flag into a line of its own, waits for the other's flag and adds the other's value. What memory takes for it, and nothing else: two lines that move,
/// no arguments, no plan, no sleep, no fault.
/// </summary>
internal sealed unsafe class FlagExchange : IDisposable
{
    /// <summary>The most that <see cref="SendReceive"/> exchanges.</summary>
    public const int MostBytes = 1 << 17;

    private const int LineBytes = 128;
    private const int SlotsOffset = 4096;
    private const int Lines = 4; // a rank is at most one call ahead: the line that it writes was read by the other two calls ago

    private readonly SharedSegment _own;
    private readonly SharedSegment _peers;
    private readonly int _rank;
    private ulong _number;

    public FlagExchange(Communicator communicator)
    {
        _rank = communicator.Rank;
        _own = SharedSegment.Create("rdmacc-flags", SlotsOffset + (Lines * MostBytes), SegmentKind.Memfd, peersWrite: true);
        long[] mine = [Environment.ProcessId, _own.Descriptor];
        long[] all = new long[2 * mine.Length];
        communicator.AllGather<long>(mine, all);
        int other = (1 - _rank) * mine.Length;
        _peers = SharedSegment.Open(new SegmentAddress(SegmentKind.Memfd, (int)all[other], (int)all[other + 1], _own.ByteCount, null), writable: true);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double AllReduce(double value)
    {
        ulong offset = _number % Lines * LineBytes;
        _number++;
        ulong* mine = (ulong*)(_own.Address + offset);
        ulong* others = (ulong*)(_peers.Address + offset);
        *(double*)(mine + 1) = value;
        Volatile.Write(ref *mine, _number);
        while (Volatile.Read(ref *others) != _number)
        {
        }

        double other = *(double*)(others + 1);
        return _rank == 0 ? value + other : other + value; // by rank, as the library does
    }

    /// <summary>What ordinary memory takes on its way to the other rank: a copy to where that one reads, a flag, and a copy from there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SendReceive(ReadOnlySpan<byte> send, Span<byte> receive)
    {
        ulong line = _number % Lines * LineBytes;
        ulong slot = SlotsOffset + (_number % Lines * MostBytes);
        _number++;
        send.CopyTo(new Span<byte>(_own.Address + slot, send.Length));
        Volatile.Write(ref *(ulong*)(_own.Address + line), _number);
        while (Volatile.Read(ref *(ulong*)(_peers.Address + line)) != _number)
        {
        }

        new ReadOnlySpan<byte>(_peers.Address + slot, receive.Length).CopyTo(receive);
    }

    public void Dispose()
    {
        _peers.Dispose();
        _own.Dispose();
    }
}
