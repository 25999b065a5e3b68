using System.Runtime.CompilerServices;
using RdmaCollectives.Timing;

namespace RdmaCollectives.Diagnostics;

/// <summary>
/// What this rank does now, for the control thread to read at any time. One writer (the holder of the progress token), any readers, no lock, nothing that waits: the writer goes around a few entries,
/// and fills one before it says that this is the current one. A reader that was overtaken by a whole round sees it by the entry's own number and looks again.
/// </summary>
internal sealed class CallBoard(Pace pace)
{
    private const int Length = 4;

    private readonly Entry[] _entries = new Entry[Length];
    private ulong _begun; // calls, transfers included
    private ulong _ended;
    private long _endedAt;
    private ulong _lastCompleted;
    private Blockage? _blockage;

    private struct Entry
    {
        public ulong Number;
        public long BeganAt;
        public CallDescription Call;
    }

    /// <summary>Calls begun so far.</summary>
    public ulong Begun => Volatile.Read(ref _begun);

    /// <summary>The last collective that was completed, by its sequence.</summary>
    public ulong LastCompleted => Volatile.Read(ref _lastCompleted);

    /// <summary>What the running call waits for, once it has stalled.</summary>
    public Blockage? Blockage => Volatile.Read(ref _blockage);

    /// <summary>A call begins.</summary>
    /// <param name="call">Which.</param>
    /// <param name="now">In the unit of <see cref="Pace.Timestamp"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Begin(in CallDescription call, long now)
    {
        ulong number = _begun + 1;
        ref Entry entry = ref _entries[number % Length];
        Volatile.Write(ref entry.Number, 0);
        Volatile.WriteBarrier(); // the zero before the call; partner: the second read of the number
        entry.BeganAt = now;
        entry.Call = call;
        Volatile.Write(ref entry.Number, number);
        Volatile.Write(ref _begun, number);
    }

    /// <summary>The call is over.</summary>
    /// <param name="sequence">Of a collective that was completed, else 0.</param>
    /// <param name="now">In the unit of <see cref="Pace.Timestamp"/>.</param>
    public void End(ulong sequence, long now)
    {
        if (sequence != 0)
        {
            Volatile.Write(ref _lastCompleted, sequence);
        }

        if (_blockage is not null)
        {
            Volatile.Write(ref _blockage, null);
        }

        Volatile.Write(ref _endedAt, now);
        Volatile.Write(ref _ended, _begun);
    }

    /// <summary>The call stalls.</summary>
    public void Block(Blockage blockage) => Volatile.Write(ref _blockage, blockage);

    /// <summary>The call moves.</summary>
    public void Unblock()
    {
        if (_blockage is not null)
        {
            Volatile.Write(ref _blockage, null);
        }
    }

    /// <summary>What this rank does; from any thread.</summary>
    public RankStatus Read()
    {
        while (true)
        {
            ulong ended = Volatile.Read(ref _ended);
            ulong begun = Volatile.Read(ref _begun);
            if (begun == 0)
            {
                return new RankStatus { IsInCall = false };
            }

            ref Entry entry = ref _entries[begun % Length];
            ulong number = Volatile.Read(ref entry.Number);
            CallDescription call = entry.Call;
            long began = entry.BeganAt;
            Blockage? blockage = Volatile.Read(ref _blockage);
            Volatile.ReadBarrier(); // the call before the second look
            if (number != begun || Volatile.Read(ref entry.Number) != begun || Volatile.Read(ref _begun) != begun)
            {
                continue; // a call began meanwhile: its entry is filled already, or will be by the next look
            }

            bool isInCall = ended != begun;
            return new RankStatus
            {
                IsInCall = isInCall,
                Call = call,
                For = pace.Since(isInCall ? began : Volatile.Read(ref _endedAt)),
                LastCompleted = LastCompleted,
                Blockage = isInCall ? blockage : null,
            };
        }
    }
}
