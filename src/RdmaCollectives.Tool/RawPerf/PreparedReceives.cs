using System.Runtime.CompilerServices;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>Receives of all queue pairs, into the part of each pair that the other end reaches. As many as the depth says are posted once; each one that was used is posted again.</summary>
internal sealed unsafe class PreparedReceives
{
    private readonly RawEnd _end;
    private readonly ReceiveRequest[] _requests;
    private readonly ScatterGatherElement[] _elements;

    public PreparedReceives(RawEnd end)
    {
        _end = end;
        int pairs = end.Options.QueuePairs;
        _requests = GC.AllocateArray<ReceiveRequest>(pairs, pinned: true);
        _elements = GC.AllocateArray<ScatterGatherElement>(pairs, pinned: true);
        for (int pair = 0; pair < pairs; pair++)
        {
            _elements[pair] = end.Element(pair, isIncoming: true, end.Options.LargestSize);
            _requests[pair].WorkRequestId = (ulong)pair;
            _requests[pair].SetElements((ScatterGatherElement*)Unsafe.AsPointer(ref _elements[pair]), 1);
        }
    }

    public void PostAll()
    {
        for (int pair = 0; pair < _requests.Length; pair++)
        {
            for (int i = 0; i < _end.Options.RxDepth; i++)
            {
                Post(pair);
            }
        }
    }

    /// <summary>Posts one more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Post(int pair)
    {
        int error = _end.Posts[pair].PostReceive(in _requests[pair]);
        if (error != 0)
        {
            throw _end.Posts[pair].PostFailure(error);
        }
    }
}
