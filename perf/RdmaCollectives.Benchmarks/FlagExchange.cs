using System.Runtime.CompilerServices;
using RdmaCollectives.Memory;

namespace RdmaCollectives.Benchmarks;

/// <summary>
/// An all-reduce of two ranks by hand: each writes its value and then its flag into a line of its own, waits for the other's flag and adds the other's value. What memory takes for it, and nothing else: two lines that move,
/// no arguments, no plan, no sleep, no fault.
/// </summary>
internal sealed unsafe class FlagExchange : IDisposable
{
    private const int LineBytes = 128;
    private const int Lines = 4; // a rank is at most one call ahead: the line that it writes was read by the other two calls ago

    private readonly SharedSegment _own;
    private readonly SharedSegment _peers;
    private readonly int _rank;
    private ulong _number;

    public FlagExchange(Communicator communicator)
    {
        _rank = communicator.Rank;
        _own = SharedSegment.Create("rdmacc-flags", Lines * LineBytes, SegmentKind.Memfd, peersWrite: false);
        long[] mine = [Environment.ProcessId, _own.Descriptor];
        long[] all = new long[2 * mine.Length];
        communicator.AllGather<long>(mine, all);
        int other = (1 - _rank) * mine.Length;
        _peers = SharedSegment.Open(new SegmentAddress(SegmentKind.Memfd, (int)all[other], (int)all[other + 1], _own.ByteCount, null), writable: false);
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

    public void Dispose()
    {
        _peers.Dispose();
        _own.Dispose();
    }
}
