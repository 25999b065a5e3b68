using System.Buffers.Binary;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>What the buffers hold before a run, and what must have arrived after it: perftest does not look, this does, outside of the measured time.</summary>
internal sealed class ArrivedData(RawEnd end, PeerLink link)
{
    private RawVerb Verb => end.Options.Test.Verb;

    /// <summary>A pattern that is different for each end, size and queue pair to send from, and zeros to receive into.</summary>
    public void Fill(long size)
    {
        for (int pair = 0; pair < end.Options.QueuePairs; pair++)
        {
            if (Verb == RawVerb.Atomic)
            {
                end.Outgoing(pair, size).Clear();
            }
            else
            {
                Span<byte> outgoing = end.Outgoing(pair, size);
                for (int i = 0; i < outgoing.Length; i++)
                {
                    outgoing[i] = Expected(i, size, pair, link.IsServer);
                }
            }

            end.Incoming(pair, size).Clear();
        }
    }

    /// <param name="size">Bytes of a message.</param>
    /// <param name="own">Messages that this end has sent since the memory was filled, over all queue pairs.</param>
    /// <param name="others">Those of the other end.</param>
    /// <exception cref="ToolException">Something is missing or wrong.</exception>
    public void Check(long size, long own, long others)
    {
        if (Verb == RawVerb.Atomic)
        {
            CheckCounts(own, others);
        }
        else if ((Verb == RawVerb.Read ? own : others) > 0)
        {
            for (int pair = 0; pair < end.Options.QueuePairs; pair++)
            {
                CheckBytes(size, pair, others);
            }
        }
    }

    private void CheckBytes(long size, int pair, long others)
    {
        ReadOnlySpan<byte> incoming = end.Incoming(pair, size);
        bool isCounted = end.Options.Test is { Verb: RawVerb.Write, IsBandwidth: false };
        int wrong = 0, first = -1;
        for (int i = 0; i < incoming.Length; i++)
        {
            byte expected = isCounted && i == incoming.Length - 1 ? (byte)others : Expected(i, size, pair, !link.IsServer);
            if (incoming[i] != expected)
            {
                first = wrong++ == 0 ? i : first;
            }
        }

        if (wrong > 0)
        {
            throw Wrong($"{wrong} of {size} bytes that came from the other end ({link.Name}) on queue pair {pair} are wrong, the first at offset {first}");
        }
    }

    /// <summary>Each addition must be in the target's counters, and the last old value that came back be one less than the pair's additions.</summary>
    private void CheckCounts(long own, long others)
    {
        long counted = 0, answered = 0;
        for (int pair = 0; pair < end.Options.QueuePairs; pair++)
        {
            counted += BinaryPrimitives.ReadInt64LittleEndian(end.Incoming(pair, RawTest.AtomicByteCount));
            answered += own == 0 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(end.Outgoing(pair, RawTest.AtomicByteCount)) + 1;
        }

        if (counted != others || answered != own)
        {
            throw Wrong($"the other end ({link.Name}) has added {others} times and the counters say {counted}; this end has added {own} times and the answers say {answered}");
        }
    }

    private ToolException Wrong(string what) => new(ExitCode.Failed, $"{end}: {what}: the device or the way between loses or changes data without an error; look at its counters and firmware.");

    private static byte Expected(int index, long size, int pair, bool isServer) => (byte)(index + (31 * (index >> 8)) + (7 * (int)size) + (13 * pair) + (isServer ? 101 : 1));
}
