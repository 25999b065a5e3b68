namespace RdmaCollectives.Diagnostics;

/// <summary>
/// The last sends of this rank, so that the control thread can say which call a message came from that a receiver had no use for: the send itself has mostly returned by then. Guarded like the entries of
/// <see cref="CallLog"/>, each by its own key.
/// </summary>
internal sealed class TransferLog
{
    private const ulong IsTransfer = 1UL << 63;
    private const int Length = 32;

    private readonly Entry[] _entries = new Entry[Length];
    private uint _next;

    private struct Entry
    {
        public ulong Key;
        public CallDescription Call;
    }

    /// <summary>What a receiver asks for: the transfer to it with this number of the pair. Never the sequence of a collective.</summary>
    public static ulong KeyOf(int receiver, uint sequence) => IsTransfer | ((ulong)(uint)receiver << 32) | sequence;

    /// <summary>Whether a question is for a transfer.</summary>
    public static bool IsKey(ulong question) => (question & IsTransfer) != 0;

    public void Add(int receiver, uint sequence, in CallDescription call)
    {
        ref Entry entry = ref _entries[_next++ % Length];
        Volatile.Write(ref entry.Key, 0);
        Volatile.WriteBarrier(); // the zero before the call; partner: the second read of the key
        entry.Call = call;
        Volatile.Write(ref entry.Key, KeyOf(receiver, sequence));
    }

    /// <summary>The call, or null when it is not (or no longer) known.</summary>
    public CallDescription? Find(ulong key)
    {
        for (int i = 0; i < Length; i++)
        {
            ref Entry entry = ref _entries[i];
            if (Volatile.Read(ref entry.Key) != key)
            {
                continue;
            }

            CallDescription call = entry.Call;
            Volatile.ReadBarrier(); // the call before the second look at its key
            if (Volatile.Read(ref entry.Key) == key)
            {
                return call;
            }
        }

        return null;
    }
}
