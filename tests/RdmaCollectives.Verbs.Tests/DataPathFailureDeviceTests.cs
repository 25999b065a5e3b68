using System.Buffers.Binary;
using RdmaCollectives.Verbs.Interop;
using static RdmaCollectives.Verbs.Tests.DataPath;

namespace RdmaCollectives.Verbs.Tests;

/// <summary>On a real device: how each operation fails, and what is told of it.</summary>
public unsafe class DataPathFailureDeviceTests
{
    public void PostSend_MoreThanTheQueueHolds_TellsHowManyWereTaken()
    {
        var (a, b) = TestEndpoint.Connected(requests: 16);
        using (a)
        using (b)
        {
            // The driver may round its queue up: more than twice what it granted is too much for any.
            int many = (4 * a.Pair.MaxSendRequests) + 1;
            SendChain chain = new(many);
            for (int i = 0; i < many; i++)
                chain.AddWrite((ulong)i, a.Region.Slice(0, 64 * 1024), b.Region.Address, b.Region.RemoteKey, SendFlags.Signaled);

            int error = a.Post.PostSend(chain, out int posted);
            Assert.Equal(libc.ENOMEM, error);
            Assert.InRange(posted, a.Pair.MaxSendRequests, many - 1);
            Assert.Contains("The queue is full", a.Post.PostFailure(error).Message, StringComparison.Ordinal);
            Assert.All(a.Await(posted), c => Assert.True(c.IsSuccess, c.ToString()));
        }
    }

    [Fact]
    public void PostEmptyReceives_MoreThanTheQueueHolds_TellsHowManyWereTaken()
    {
        var (a, b) = TestEndpoint.Connected(requests: 16);
        using (a)
        using (b)
        {
            int error = a.Post.PostEmptyReceives(9, 1000, out int posted);
            Assert.Equal(libc.ENOMEM, error);
            Assert.InRange(posted, a.Pair.MaxReceiveRequests, 999);
        }
    }

    [Fact]
    public void Write_WithAWrongRemoteKey_FailsInWordsAndStopsBothEnds()
    {
        var (a, b) = TestEndpoint.Connected(receives: 3);
        using (a)
        using (b)
        {
            ScatterGatherElement element = a.Region.Slice(0, 8);
            SendRequest request = new() { Opcode = SendOpcode.Write, Flags = SendFlags.Signaled };
            request.SetElements(&element, 1);
            request.SetRemote(b.Region.Address, b.Region.RemoteKey ^ 0x5500);
            Assert.Equal(0, a.Post.PostSend(in request));

            // a: the write, then its three receives; b: its three receives.
            WorkCompletion failed = a.Await(4).First(c => c.WorkRequestId == 0);
            Assert.Equal(CompletionStatus.RemoteAccessError, failed.Status);
            Assert.Equal(10, (int)failed.Status);
            VerbsException e = failed.ToException("RDMA write", $"{a.Pair}");
            Assert.Contains($"RDMA write on queue pair {a.Pair.Number} of {a.Context.Name} failed: remote access error (completion status 10", e.Message, StringComparison.Ordinal);
            Assert.Contains("rkey", e.Remedy, StringComparison.Ordinal);
            Assert.Equal(QueuePairState.Error, a.Pair.QueryState());
            Assert.All(b.Await(3), c => Assert.False(c.IsSuccess));
            Assert.Equal(QueuePairState.Error, b.Pair.QueryState());
        }
    }

    [Fact]
    public void Write_ToAPeerThatIsGone_FailsAfterTheRetries()
    {
        var (a, b) = TestEndpoint.Connected(timeout: 10, retryCount: 2);
        using (a)
        {
            (ulong address, uint key) = (b.Region.Address, b.Region.RemoteKey);
            b.Dispose();
            ScatterGatherElement element = a.Region.Slice(0, 8);
            SendRequest request = new() { Opcode = SendOpcode.Write };
            request.SetElements(&element, 1);
            request.SetRemote(address, key);
            Assert.Equal(0, a.Post.PostSend(in request));

            WorkCompletion failed = a.Await(1)[0];
            Assert.Equal(CompletionStatus.RetryExceeded, failed.Status);
            Assert.Contains("The peer died", failed.ToException().Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Send_WithoutAReceive_FailsAsReceiverNotReady()
    {
        var (a, b) = TestEndpoint.Connected();
        using (a)
        using (b)
        {
            Post(a, b, SendOpcode.Send, 8);

            Assert.Equal(CompletionStatus.ReceiverNotReadyRetryExceeded, a.Await(1)[0].Status);
        }
    }

    [Fact]
    public void MoveToError_WithRequestsQueued_FlushesEachSignaledOrNot()
    {
        var (a, b) = TestEndpoint.Connected(receives: 5, timeout: 18, retryCount: 6);
        using (a)
        using (b)
        {
            // The peer answers nothing any more, so that the sends are still queued when this end goes to ERR.
            b.Pair.MoveToReset();
            SendChain chain = new(7);
            for (int i = 0; i < 7; i++)
                chain.AddWrite(2, a.Region.Slice(0, 8), b.Region.Address, b.Region.RemoteKey);
            Assert.Equal(0, a.Post.PostSend(chain, out _));
            a.Pair.MoveToError();

            List<WorkCompletion> flushed = a.Await(12);
            Assert.All(flushed, c => Assert.Equal(CompletionStatus.Flushed, c.Status));
            Assert.Equal((7, 5), (flushed.Count(c => c.WorkRequestId == 2), flushed.Count(c => c.WorkRequestId == 1000)));
        }
    }
}
