using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>
/// A queue pair held for a data path: its native object cannot go away before <see cref="Dispose"/>, so posts go straight to the driver through the
/// context's table. They allocate nothing, never wait, and return 0 or an error number (12, ENOMEM, where the queue is full): an expected failure
/// is a value, and <see cref="PostFailure"/> makes it an exception. Whoever holds the lease must not dispose it while another thread is inside a call.
/// </summary>
public sealed unsafe class QueuePairLease : IDisposable
{
    private const int EmptyReceiveBatch = 32;

    private readonly QueuePair _owner;
    private readonly QueuePairHandle _handle;
    private readonly delegate* unmanaged<ibv_qp*, ibv_send_wr*, ibv_send_wr**, int> _postSend;
    private readonly delegate* unmanaged<ibv_qp*, ibv_recv_wr*, ibv_recv_wr**, int> _postReceive;
    private ibv_qp* _queuePair;

    internal QueuePairLease(QueuePair owner)
    {
        bool isLeased = false;
        _handle = owner.Handle;
        _handle.DangerousAddRef(ref isLeased);
        _owner = owner;
        _queuePair = _handle.Native;
        _postSend = _queuePair->context->ops.post_send;
        _postReceive = _queuePair->context->ops.post_recv;
    }

    /// <summary>Posts <paramref name="first"/> and all that it is linked to. On an error <paramref name="rejected"/> is the first one that was not taken; those before it were.</summary>
    /// <returns>0, or the error number.</returns>
    public int PostSend(SendRequest* first, out SendRequest* rejected)
    {
        ibv_qp* queuePair = _queuePair;
        if (queuePair == null)
            ThrowDisposed();
        ibv_send_wr* bad = null;
        int error = _postSend(queuePair, (ibv_send_wr*)first, &bad);
        rejected = (SendRequest*)bad;
        return error;
    }

    /// <summary>Posts one request, or the chain that it starts.</summary>
    /// <returns>0, or the error number.</returns>
    public int PostSend(ref readonly SendRequest request)
    {
        fixed (SendRequest* first = &request)
            return PostSend(first, out _);
    }

    /// <summary>Posts all requests of <paramref name="chain"/> in order; it may be cleared and filled again when this returns.</summary>
    /// <param name="chain">The requests; an empty chain posts nothing.</param>
    /// <param name="postedCount">How many were taken: all, unless there was an error.</param>
    /// <returns>0, or the error number.</returns>
    public int PostSend(SendChain chain, out int postedCount)
    {
        SendRequest* first = chain.First;
        if (first == null)
        {
            postedCount = 0;
            return 0;
        }
        int error = PostSend(first, out SendRequest* rejected);
        postedCount = error == 0 ? chain.Count : chain.CountBefore(rejected);
        GC.KeepAlive(chain);
        return error;
    }

    /// <summary>Posts <paramref name="first"/> and all that it is linked to. On an error <paramref name="rejected"/> is the first one that was not taken.</summary>
    /// <returns>0, or the error number.</returns>
    public int PostReceive(ReceiveRequest* first, out ReceiveRequest* rejected)
    {
        ibv_qp* queuePair = _queuePair;
        if (queuePair == null)
            ThrowDisposed();
        ibv_recv_wr* bad = null;
        int error = _postReceive(queuePair, (ibv_recv_wr*)first, &bad);
        rejected = (ReceiveRequest*)bad;
        return error;
    }

    /// <summary>Posts one receive, or the chain that it starts.</summary>
    /// <returns>0, or the error number.</returns>
    public int PostReceive(ref readonly ReceiveRequest request)
    {
        fixed (ReceiveRequest* first = &request)
            return PostReceive(first, out _);
    }

    /// <summary>Posts <paramref name="count"/> receives without memory, for writes with immediate. They are posted in chains of up to 32.</summary>
    /// <param name="workRequestId">The id of every one of them.</param>
    /// <param name="count">How many.</param>
    /// <param name="postedCount">How many were taken: all, unless there was an error.</param>
    /// <returns>0, or the error number.</returns>
    [SkipLocalsInit]
    public int PostEmptyReceives(ulong workRequestId, int count, out int postedCount)
    {
        ReceiveRequest* requests = stackalloc ReceiveRequest[EmptyReceiveBatch];
        for (int i = 0; i < Math.Min(count, EmptyReceiveBatch); i++)
            requests[i] = new ReceiveRequest { WorkRequestId = workRequestId, Next = requests + i + 1 };

        postedCount = 0;
        while (postedCount < count)
        {
            int batch = Math.Min(count - postedCount, EmptyReceiveBatch);
            requests[batch - 1].Next = null;
            int error = PostReceive(requests, out ReceiveRequest* rejected);
            if (error != 0)
            {
                postedCount += rejected == null ? 0 : (int)(rejected - requests);
                return error;
            }
            postedCount += batch;
        }
        return 0;
    }

    /// <summary>What the error number of a post means, as an exception for whoever reports it.</summary>
    public VerbsException PostFailure(int error) => VerbsException.FromErrno("ibv_post_send or ibv_post_recv", _owner, error, error switch
    {
        libc.ENOMEM => $"The queue is full ({_owner.MaxSendRequests} sends, {_owner.MaxReceiveRequests} receives): poll completions before posting more, and signal at least every such number of sends.",
        libc.EINVAL => $"The request does not fit the queue pair or its state: at most {_owner.MaxInlineByteCount} bytes inline, sends from RTS on, receives from INIT on.",
        _ => null,
    });

    /// <summary>Ends the lease.</summary>
    public void Dispose()
    {
        if (_queuePair == null)
            return;
        _queuePair = null;
        _handle.DangerousRelease();
    }

    [DoesNotReturn]
    private void ThrowDisposed() => throw new ObjectDisposedException(_owner.ToString());
}
