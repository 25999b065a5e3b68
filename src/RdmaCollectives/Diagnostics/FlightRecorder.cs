using System.Runtime.CompilerServices;
using RdmaCollectives.Timing;

namespace RdmaCollectives.Diagnostics;

/// <summary>
/// The last calls of this rank, with their times. Written by the holder of the progress token alone, without lock or allocation; read by any thread, at any time.
/// <code>
/// Begin -> (Waiting, Moved)* -> End        times in between are taken only where the rank was idle anyway
/// </code>
/// Each slot has a version: odd while it is written, and raised by two with every write (a seqlock). A reader copies the slot between two looks at the version, and takes the copy only when both were the
/// same even number. Writers and readers are ordered by a release and an acquire on the version, and by the two barriers that are marked below.
/// </summary>
internal sealed class FlightRecorder
{
    /// <summary>A slot is unlucky only while its few words are written; then the copy is tried again.</summary>
    private const int MostTries = 1000;

    private readonly Pace _pace;
    private readonly Slot[] _slots;
    private readonly ulong _mask;
    private readonly long[] _waited; // by rank, valid where the number beside it is that of the running call
    private readonly ulong[] _waitedIn;
    private ulong _count;
    private long _entered;
    private long _firstByte;
    private long _waitingSince; // the last look of an idle spell, or 0
    private int _waitingFor;

    private struct Slot
    {
        public ulong Version;
        public FlightEntry Entry;
    }

    /// <param name="capacity">How many calls are kept: a power of two.</param>
    /// <param name="worldSize">The number of ranks.</param>
    /// <param name="pace">Where times come from.</param>
    public FlightRecorder(int capacity, int worldSize, Pace pace)
    {
        _pace = pace;
        _slots = new Slot[capacity];
        _mask = (ulong)capacity - 1;
        _waited = new long[worldSize];
        _waitedIn = new ulong[worldSize];
    }

    /// <summary>How many calls are kept.</summary>
    public int Capacity => _slots.Length;

    /// <summary>How many calls have begun.</summary>
    public ulong Count => Volatile.Read(ref _count);

    /// <summary>A call begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Begin(in CallDescription call, string? algorithm, long now)
    {
        _entered = now;
        _firstByte = 0;
        _waitingSince = 0;
        ulong number = _count + 1;
        ref Slot slot = ref _slots[number & _mask];
        BeginWrite(ref slot);
        slot.Entry.Number = number;
        slot.Entry.Call = call;
        slot.Entry.Algorithm = algorithm;
        slot.Entry.Entered = now;
        slot.Entry.FirstByte = 0;
        slot.Entry.Ended = 0;
        slot.Entry.AwaitedRank = -1;
        slot.Entry.Waited = 0;
        slot.Entry.Outcome = FlightOutcome.Running;
        EndWrite(ref slot);
        Volatile.Write(ref _count, number);
    }

    /// <summary>Something moved. <paramref name="atOnce"/>: in the first pass of the call, so that no look at the clock is needed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Moved(bool atOnce)
    {
        if (_firstByte == 0 || _waitingSince != 0)
        {
            NoteMoved(atOnce ? _entered : _pace.Timestamp);
        }
    }

    /// <summary>An idle spell goes on: nothing moves until <paramref name="peer"/> (-1: nobody in particular) does something. Called where the clock was read anyway.</summary>
    public void Waiting(int peer, long now)
    {
        // A call that has not moved at all has waited since its entry; else the spell began a few passes ago, unseen.
        long since = _waitingSince != 0 ? _waitingSince : _firstByte == 0 ? _entered : now;
        _waitingFor = peer;
        _waitingSince = now;
        AddWait(now - since);
    }

    /// <summary>The call has ended. <paramref name="atOnce"/> as for <see cref="Moved"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void End(FlightOutcome outcome, bool atOnce, long now)
    {
        if (_waitingSince != 0)
        {
            AddWait(now - _waitingSince);
            _waitingSince = 0;
        }

        ref Slot slot = ref _slots[_count & _mask];
        BeginWrite(ref slot);
        if (_firstByte == 0 && outcome == FlightOutcome.Completed)
        {
            slot.Entry.FirstByte = atOnce ? _entered : now;
        }

        slot.Entry.Ended = now;
        slot.Entry.Outcome = outcome;
        EndWrite(ref slot);
    }

    /// <summary>The calls that are kept, the oldest first. From any thread; a call that is overwritten meanwhile is left out.</summary>
    public List<FlightEntry> Read()
    {
        ulong last = Count;
        ulong first = last > (ulong)Capacity ? last - (ulong)Capacity + 1 : 1;
        var entries = new List<FlightEntry>((int)(last + 1 - first));
        for (ulong number = first; number <= last; number++)
        {
            if (TryRead(number, out FlightEntry entry))
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    private bool TryRead(ulong number, out FlightEntry entry)
    {
        ref Slot slot = ref _slots[number & _mask];
        for (int attempt = 0; attempt < MostTries; attempt++)
        {
            ulong before = Volatile.Read(ref slot.Version);
            entry = slot.Entry;
            Volatile.ReadBarrier(); // the copy before the second look; partner: BeginWrite
            if (before % 2 == 0 && slot.Version == before)
            {
                return entry.Number == number;
            }

            Thread.SpinWait(20);
        }

        entry = default;
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void NoteMoved(long now)
    {
        if (_waitingSince != 0)
        {
            AddWait(now - _waitingSince);
            _waitingSince = 0;
        }

        if (_firstByte == 0)
        {
            _firstByte = now;
            ref Slot slot = ref _slots[_count & _mask];
            BeginWrite(ref slot);
            slot.Entry.FirstByte = now;
            EndWrite(ref slot);
        }
    }

    // To the account of the rank that is waited for; the entry names the one with the most.
    private void AddWait(long ticks)
    {
        if (_waitingFor < 0)
        {
            return;
        }

        ref long waited = ref _waited[_waitingFor];
        if (_waitedIn[_waitingFor] != _count)
        {
            _waitedIn[_waitingFor] = _count;
            waited = 0;
        }

        waited += ticks;
        ref Slot slot = ref _slots[_count & _mask];
        if (waited > slot.Entry.Waited)
        {
            BeginWrite(ref slot);
            slot.Entry.AwaitedRank = _waitingFor;
            slot.Entry.Waited = waited;
            EndWrite(ref slot);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void BeginWrite(ref Slot slot)
    {
        slot.Version++;
        Volatile.WriteBarrier(); // the odd version before the words; partner: TryRead
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EndWrite(ref Slot slot) => Volatile.Write(ref slot.Version, slot.Version + 1);
}
