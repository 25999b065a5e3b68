using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>What the transport tells of completions.</summary>
internal sealed unsafe partial class RdmaConnection
{
    /// <summary>A message of the peer's has arrived whole.</summary>
    public void OnArrived(RdmaPath path, Immediate immediate, uint byteCount)
    {
        if (immediate.Sequence != ((uint)_arrived & Immediate.SequenceMask) || immediate.Epoch != (_transport.Context.Epoch & 0x3f) || immediate.Path != (int)(path.Number & Immediate.PathMask))
        {
            Break(0, $"message {_arrived} was expected from rank {Peer} by path {path.Number}, and one with the immediate 0x{immediate.Value:x8} arrived");
            return;
        }

        bool isStored = immediate.Piece == Immediate.StoredPiece;
        if (!isStored && _opener is null && !TakeHeader(Buffers.InboundHeader(SlotOf(_arrived))))
        {
            return;
        }

        _storedBytes[SlotOf(_arrived)] = isStored ? (int)byteCount : -1;
        _arrived++;
        if (path.HasFailed)
        {
            return; // it came before the path was stopped; nothing comes after it
        }

        int error = path.PostReceives(1);
        if (error != 0)
        {
            PathBroke(error, path.PostFailure(error).Message);
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
    /// A request failed or was flushed: the queue pair is in error. Where there is no other rail that becomes a failure of the transport, but only when this rank next needs the connection: a peer that has
    /// left is no failure for a rank that has all that it needs from it.
    /// </summary>
    public void OnFailed(RdmaPath path, in WorkCompletion completion)
    {
        if (_failure is null && _isUp)
        {
            PathBroke((int)completion.Status, completion.ToException("message", $"{path}").Message);
        }
    }
}
