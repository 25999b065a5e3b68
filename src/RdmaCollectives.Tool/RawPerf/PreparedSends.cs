using System.Runtime.CompilerServices;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>
/// The requests of all queue pairs, written once per size and posted again and again: as many for each as one call posts, linked. They lie in pinned memory; posting allocates nothing.
/// The id of a request is the queue pair's index and how many messages that pair has sent with it, so that a completion stands for all before it.
/// </summary>
internal sealed unsafe class PreparedSends
{
    private const int CountBits = 48;

    private readonly RawEnd _end;
    private readonly SendRequest[] _requests;
    private readonly ScatterGatherElement[] _elements;
    private readonly int _list;
    private readonly int _moderation;
    private SendFlags _flags;

    public PreparedSends(RawEnd end)
    {
        _end = end;
        (_list, _moderation) = (end.Options.PostList, end.Options.CqModeration);
        _requests = GC.AllocateArray<SendRequest>(_list * end.Options.QueuePairs, pinned: true);
        _elements = GC.AllocateArray<ScatterGatherElement>(end.Options.QueuePairs, pinned: true);
    }

    /// <summary>Writes the requests for messages of <paramref name="size"/> bytes.</summary>
    public void Prepare(long size)
    {
        RawTest test = _end.Options.Test;
        _flags = test.HasInline && size <= _end.InlineByteCount ? SendFlags.Inline : SendFlags.None;
        for (int pair = 0; pair < _elements.Length; pair++)
        {
            // What is read lands where this end receives; the old value of an atomic where it sends from, as the other end adds to the first.
            _elements[pair] = _end.Element(pair, isIncoming: test.Verb == RawVerb.Read, size);
            for (int i = 0; i < _list; i++)
            {
                ref SendRequest request = ref _requests[(pair * _list) + i];
                request = default;
                request.SetElements((ScatterGatherElement*)Unsafe.AsPointer(ref _elements[pair]), 1);
                request.Next = i == _list - 1 ? null : (SendRequest*)Unsafe.AsPointer(ref _requests[(pair * _list) + i + 1]);
                Address(ref request, test.Verb, pair);
            }
        }
    }

    /// <summary>Posts the next messages of a queue pair.</summary>
    /// <param name="pair">Its index.</param>
    /// <param name="sent">The messages that it has sent before.</param>
    /// <param name="last">The number of its last message; that one gives a completion whatever the moderation.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Post(int pair, long sent, long last)
    {
        ref SendRequest first = ref _requests[pair * _list];
        for (int i = 0; i < _list; i++)
        {
            ref SendRequest request = ref Unsafe.Add(ref first, i);
            long number = sent + i + 1;
            request.WorkRequestId = ((ulong)pair << CountBits) | (ulong)number;
            request.Flags = number % _moderation == 0 || number == last ? _flags | SendFlags.Signaled : _flags;
        }

        int error = _end.Posts[pair].PostSend(in first);
        if (error != 0)
        {
            throw _end.Posts[pair].PostFailure(error);
        }
    }

    /// <summary>Which queue pair a completion is of, and how many messages that one has sent by then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (int Pair, long Count) Read(ulong workRequestId) => ((int)(workRequestId >> CountBits), (long)(workRequestId & ((1UL << CountBits) - 1)));

    private void Address(ref SendRequest request, RawVerb verb, int pair)
    {
        switch (verb)
        {
            case RawVerb.Write:
                request.Opcode = SendOpcode.Write;
                request.SetRemote(_end.RemoteAddress(pair, isIncoming: true), _end.RemoteKey);
                break;
            case RawVerb.Send:
                request.Opcode = SendOpcode.Send;
                break;
            case RawVerb.Read:
                request.Opcode = SendOpcode.Read;
                request.SetRemote(_end.RemoteAddress(pair, isIncoming: false), _end.RemoteKey);
                break;
            default:
                request.Opcode = SendOpcode.FetchAndAdd;
                request.SetAtomic(_end.RemoteAddress(pair, isIncoming: true), _end.RemoteKey, compareOrAdd: 1);
                break;
        }
    }
}
