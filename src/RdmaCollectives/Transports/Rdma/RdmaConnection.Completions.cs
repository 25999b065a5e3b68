using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>What the transport tells of completions.</summary>
internal sealed unsafe partial class RdmaConnection
{
    /// <summary>A message of the peer's has arrived whole.</summary>
    public void OnArrived(Immediate immediate)
    {
        if (immediate.Sequence != ((uint)_arrived & Immediate.SequenceMask) || immediate.Epoch != (_transport.Context.Epoch & 0x3f))
        {
            Break(0, $"message {_arrived} was expected from rank {Peer} and one with the immediate 0x{immediate.Value:x8} arrived");
            return;
        }

        if (_opener is null && !TakeHeader(_buffers.InboundHeader(SlotOf(_arrived))))
        {
            return;
        }

        _arrived++;
        int error = _lease.PostEmptyReceives(new WorkRequestId(WorkKind.Receive, _index, 0).Value, 1, out _);
        if (error != 0)
        {
            Break(error, _lease.PostFailure(error).Message);
        }
    }

    private bool TakeHeader(MessageHeader* header)
    {
        if (header->ByteCount > (uint)SlotBytes)
        {
            Break(0, $"rank {Peer} sent a message that says it has {header->ByteCount} bytes, and a slot holds {SlotBytes}");
            return false;
        }

        _releasedByPeer.TakeHeader(header->Credit);
        return IsCreditPossible();
    }

    private bool IsCreditPossible()
    {
        if (_releasedByPeer.Released > _sent)
        {
            Break(0, $"rank {Peer} says that it has released {_releasedByPeer.Released} messages, and {_sent} were sent to it");
            return false;
        }

        return true;
    }

    public void OnSent(WorkRequestId id)
    {
        _postedCompleted = id.Posted;
        if (id.Kind == WorkKind.Message)
        {
            _sentCompleted++;
        }

        if (_released - _releasedTold >= (ulong)_creditThreshold)
        {
            ReturnCredit(); // the send queue was full when the credit was due
        }
    }

    /// <summary>
    /// A request failed or was flushed: the queue pair is in error. That becomes a failure of the transport only when this rank next needs the connection: a peer that has
    /// left is no failure for a rank that has all that it needs from it.
    /// </summary>
    public void OnFailed(WorkRequestId id, in WorkCompletion completion)
    {
        OnFlushed(id);
        if (_failure is null)
        {
            Break((int)completion.Status, completion.ToException("message", $"{_queuePair} to rank {Peer}").Message);
        }
    }

    /// <summary>A request has ended, whichever way: requests of a send queue end in their order.</summary>
    public void OnFlushed(WorkRequestId id)
    {
        if (id.Kind != WorkKind.Receive)
        {
            _postedCompleted = id.Posted;
        }
    }
}
