using System.Buffers.Binary;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>
/// The loop of perftest's bandwidth tests: each queue pair in turn is filled up to its depth, then the completions of all are taken in batches. An end that receives takes the completions of its
/// receives and posts them again; an end may do both. By the clock, the sender of sends tells at the end how many they were, as the receiver can't know.
/// </summary>
internal sealed class BandwidthLoop
{
    /// <summary>As perftest's CTX_POLL_BATCH.</summary>
    private const int Batch = 16;

    private const long NotKnownYet = long.MaxValue;

    private readonly RawEnd _end;
    private readonly PeerLink _link;
    private readonly PreparedSends _sends;
    private readonly PreparedReceives? _receives;
    private readonly EmptyTurns _turns;
    private readonly WorkCompletion[] _batch = new WorkCompletion[Batch];

    // By queue pair: messages that were posted, that are done, and that there will be.
    private readonly long[] _sent;
    private readonly long[] _done;
    private readonly long[] _last;

    private long _allDone;
    private long _allLast;
    private long _received;
    private long _expected;

    public BandwidthLoop(RawEnd end, PeerLink link, PreparedSends sends, PreparedReceives? receives, EmptyTurns turns)
    {
        (_end, _link, _sends, _receives, _turns) = (end, link, sends, receives, turns);
        int pairs = end.Options.QueuePairs;
        (_sent, _done, _last) = (new long[pairs], new long[pairs], new long[pairs]);
    }

    /// <param name="sendsEach">Messages that each queue pair sends, 0 for an end that only receives; by the clock any other number.</param>
    /// <param name="receivesEach">Messages that arrive on each queue pair, 0 for an end that receives none; by the clock any other number.</param>
    /// <param name="times">Gets the times of the sends.</param>
    /// <returns>The messages that were sent.</returns>
    public long Run(long sendsEach, long receivesEach, BandwidthTimes times)
    {
        Begin(sendsEach, receivesEach, times.IsByClock);
        _turns.Moved();
        times.Begin();
        while (_allDone < _allLast || _received < _expected)
        {
            bool moved = (_allDone < _allLast && Send(times)) | (_received < _expected && Receive());
            if (moved)
            {
                _turns.Moved();
            }
            else if (_turns.Turn() && _expected == NotKnownYet && _link.Look() == FrameKind.Count)
            {
                _expected = _link.Receive(FrameKind.Count, ReadCount);
            }
        }

        return _allDone;
    }

    /// <exception cref="ToolException">It is no count.</exception>
    public static long ReadCount(byte[] body) =>
        body.Length == sizeof(long) && BinaryPrimitives.ReadInt64BigEndian(body) is >= 0 and < NotKnownYet and var count ? count : throw Frame.Refused("sent a number of messages that is none");

    private void Begin(long sendsEach, long receivesEach, bool isByClock)
    {
        Array.Clear(_sent);
        Array.Clear(_done);
        Array.Fill(_last, isByClock && sendsEach > 0 ? NotKnownYet : sendsEach);
        (_allDone, _received) = (0, 0);
        _allLast = isByClock && sendsEach > 0 ? NotKnownYet : sendsEach * _sent.Length;
        _expected = isByClock && receivesEach > 0 ? NotKnownYet : receivesEach * _sent.Length;
    }

    /// <summary>Posts what fits, takes completions once. Returns whether there was one.</summary>
    private bool Send(BandwidthTimes times)
    {
        Post(times);
        int count = _end.SendCompletions.Poll(_batch);
        for (int i = 0; i < count; i++)
        {
            ref readonly WorkCompletion completion = ref _batch[i];
            if (!completion.IsSuccess)
            {
                FailedCompletion.Throw(_end, completion, _end.Options.Test.Operation);
            }

            (int pair, long done) = PreparedSends.Read(completion.WorkRequestId);
            _allDone += done - _done[pair];
            _done[pair] = done;
        }

        if (count > 0)
        {
            times.Completed(_allDone);
        }

        if (times.IsByClock)
        {
            EndByClock(times);
        }

        return count > 0;
    }

    private void Post(BandwidthTimes times)
    {
        int list = _end.Options.PostList, depth = _end.Options.TxDepth;
        for (int pair = 0; pair < _sent.Length; pair++)
        {
            while (_sent[pair] < _last[pair] && _sent[pair] - _done[pair] + list <= depth)
            {
                times.Posting();
                _sends.Post(pair, _sent[pair], _last[pair]);
                _sent[pair] += list;
            }
        }
    }

    /// <summary>When the time is over each queue pair sends up to its next message with a completion, so that nothing is left under way.</summary>
    private void EndByClock(BandwidthTimes times)
    {
        if (_allLast == NotKnownYet && times.IsOver(_allDone))
        {
            _allLast = 0;
            int moderation = _end.Options.CqModeration;
            for (int pair = 0; pair < _sent.Length; pair++)
            {
                _last[pair] = (_sent[pair] + moderation - 1) / moderation * moderation;
                _allLast += _last[pair];
            }
        }

        if (_allDone == _allLast && _end.Options.Test.Verb == RawVerb.Send)
        {
            byte[] count = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(count, _allDone);
            _link.Send(FrameKind.Count, count);
        }
    }

    private bool Receive()
    {
        int count = _end.ReceiveCompletions.Poll(_batch);
        for (int i = 0; i < count; i++)
        {
            ref readonly WorkCompletion completion = ref _batch[i];
            if (!completion.IsSuccess)
            {
                FailedCompletion.Throw(_end, completion, "receive");
            }

            _receives!.Post((int)completion.WorkRequestId);
        }

        _received += count;
        return count > 0;
    }
}
