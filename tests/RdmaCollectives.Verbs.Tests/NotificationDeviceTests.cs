using System.Buffers.Binary;
using RdmaCollectives.Verbs.Interop;
using static RdmaCollectives.Verbs.Tests.DataPath;

namespace RdmaCollectives.Verbs.Tests;

/// <summary>On a real device: completion channels, asynchronous events, many queue pairs on one queue, and what repeated exchanges allocate.</summary>
public unsafe class NotificationDeviceTests
{
    [Fact]
    public void Channel_AskedForANotification_WakesOncePerRequest()
    {
        var (a, b) = TestEndpoint.Connected(receives: 4, hasChannel: true);
        using (a)
        using (b)
        {
            Assert.False(b.Channel!.TryTakeEvent(out _));
            b.Completions.RequestNotification();
            Assert.False(b.Channel.Wait(TimeSpan.FromMilliseconds(20)));

            Post(a, b, SendOpcode.WriteWithImmediate, 8, immediate: 1);
            Assert.True(b.Channel.Wait(Deadline));
            Assert.True(b.Channel.TryTakeEvent(out uint queue));
            Assert.Equal(b.Queue.Id, queue);
            b.AwaitSuccess();

            // Not asked again: the next completion comes silently.
            Post(a, b, SendOpcode.WriteWithImmediate, 8, immediate: 2);
            Assert.Equal(2u, b.AwaitSuccess().Immediate);
            Assert.False(b.Channel.TryTakeEvent(out _));
        }
    }

    [Fact]
    public void Channel_ForSolicitedOnly_SleepsThroughOthers()
    {
        var (a, b) = TestEndpoint.Connected(receives: 4, hasChannel: true);
        using (a)
        using (b)
        {
            b.Completions.RequestNotification(solicitedOnly: true);
            Post(a, b, SendOpcode.WriteWithImmediate, 8, immediate: 1);
            b.AwaitSuccess();
            Assert.False(b.Channel!.Wait(TimeSpan.FromMilliseconds(20)));

            ScatterGatherElement element = a.Region.Slice(0, 8);
            SendRequest request = new() { Opcode = SendOpcode.WriteWithImmediate, Flags = SendFlags.Solicited, Immediate = 2 };
            request.SetElements(&element, 1);
            request.SetRemote(b.Region.Address, b.Region.RemoteKey);
            Assert.Equal(0, a.Post.PostSend(in request));
            Assert.True(b.Channel.Wait(Deadline));
            Assert.True(b.Channel.TryTakeEvent(out _));
        }
    }

    [Fact]
    public void Dispose_WithEventsNobodyTook_DoesNotHang()
    {
        var (a, b) = TestEndpoint.Connected(receives: 4, hasChannel: true);
        b.Completions.RequestNotification();
        Post(a, b, SendOpcode.WriteWithImmediate, 8);
        a.AwaitSuccess();
        b.AwaitSuccess();

        Thread disposal = new(() =>
        {
            a.Dispose();
            b.Dispose();
        })
        { IsBackground = true };
        disposal.Start();
        Assert.True(disposal.Join(Deadline));
    }

    [Fact]
    public void AsyncEvents_SendQueueDrained_NamesTheQueuePair()
    {
        var (a, b) = TestEndpoint.Connected();
        using (a)
        using (b)
        {
            Assert.False(a.Context.AsyncEvents.TryTake(out _));
            a.Pair.Modify(new QueuePairAttributes { State = QueuePairState.SendQueueDrained, NotifiesDrained = true });

            Assert.True(a.Context.AsyncEvents.Wait(Deadline));
            Assert.True(a.Context.AsyncEvents.TryTake(out AsyncEvent drained));
            Assert.Equal((AsyncEventType.SendQueueDrained, a.Pair.Number), (drained.Type, drained.QueuePairNumber));
        }
    }

    [Fact]
    public void AsyncEvents_CompletionQueueRunsOver_NamesTheQueue()
    {
        var (a, b) = TestEndpoint.Connected(requests: 64);
        using (a)
        using (b)
        {
            using CompletionQueue small = a.Context.CreateCompletionQueue(1);
            using QueuePair overrun = a.Domain.CreateQueuePair(new QueuePairOptions { SendQueue = small, ReceiveQueue = small, MaxReceiveRequests = 64 });
            overrun.Initialize(MemoryAccess.RemoteWrite);
            using QueuePairLease post = overrun.Lease();
            Assert.Equal(0, post.PostEmptyReceives(1, 64, out _));
            overrun.MoveToError();

            Assert.True(a.Context.AsyncEvents.Wait(Deadline));
            Assert.True(a.Context.AsyncEvents.TryTake(out AsyncEvent e));
            Assert.Equal((AsyncEventType.CompletionQueueError, small.Id), (e.Type, e.CompletionQueueId));
            Assert.Contains("ran over", e.Describe(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AsyncEvents_PeerTouchesWhatItMayNot_NamesTheQueuePair()
    {
        var (a, b) = TestEndpoint.Connected();
        using (a)
        using (b)
        {
            ScatterGatherElement element = a.Region.Slice(0, 8);
            SendRequest request = new() { Opcode = SendOpcode.Write };
            request.SetElements(&element, 1);
            request.SetRemote(b.Region.Address, b.Region.RemoteKey ^ 0x5500);
            Assert.Equal(0, a.Post.PostSend(in request));
            a.Await(1);

            if (!b.Context.AsyncEvents.Wait(TimeSpan.FromSeconds(1)))
                Assert.Skip($"{b.Context} raises no event for an access error");
            Assert.True(b.Context.AsyncEvents.TryTake(out AsyncEvent e));
            Assert.Equal((AsyncEventType.QueuePairAccessError, b.Pair.Number), (e.Type, e.QueuePairNumber));
        }
    }

    [Fact]
    public void ManyQueuePairs_OnOneQueue_AreToldApartByTheirNumber()
    {
        using TestEndpoint hub = new();
        List<TestEndpoint> spokes = [];
        List<(QueuePair Pair, QueuePairLease Post)> pairs = [];
        for (int i = 0; i < 8; i++)
        {
            TestEndpoint spoke = new();
            QueuePair pair = hub.Domain.CreateQueuePair(new QueuePairOptions { SendQueue = hub.Queue, ReceiveQueue = hub.Queue, MaxSendRequests = 8, MaxReceiveRequests = 8 });
            QueuePairLease post = pair.Lease();
            pair.Initialize(MemoryAccess.RemoteWrite);
            Assert.Equal(0, post.PostEmptyReceives(7, 4, out _));
            spoke.Pair.Initialize(MemoryAccess.RemoteWrite);
            QueuePairConnectOptions options = new() { GidIndex = hub.Context.ChooseGid().Entry!.Value.Index, SequenceNumber = 1, PathMtu = hub.Context.QueryPort().ActiveMtu };
            pair.Connect(spoke.Address, options);
            spoke.Connect(hub.Address with { QueuePairNumber = pair.Number, SequenceNumber = 1 });
            spokes.Add(spoke);
            pairs.Add((pair, post));
        }

        for (uint i = 0; i < 8; i++)
            Post(spokes[(int)i], hub, SendOpcode.WriteWithImmediate, 64, immediate: i);
        List<WorkCompletion> arrived = hub.Await(8);
        Assert.Equal(8, arrived.Select(c => c.Immediate).Distinct().Count());
        Assert.All(arrived, c => Assert.Equal(pairs[(int)c.Immediate].Pair.Number, c.QueuePairNumber));

        spokes.ForEach(s => s.Dispose());
        pairs.ForEach(p => p.Pair.Dispose());
        pairs.ForEach(p => p.Post.Dispose());
    }

    [Fact]
    public void DataPath_TenThousandExchanges_AllocateNothing()
    {
        var (a, b) = TestEndpoint.Connected(receives: 32, inlineByteCount: 64, hasChannel: true);
        using (a)
        using (b)
        {
            SendChain chain = new(2);
            WorkCompletion[] completions = new WorkCompletion[16];
            ScatterGatherElement line = a.Region.Slice(0, 64);
            (ulong address, uint key) = (b.Region.Address, b.Region.RemoteKey);
            void Exchange(int count)
            {
                for (int i = 0; i < count; i++)
                {
                    chain.Clear();
                    chain.AddWrite(1, line, address, key, SendFlags.Inline);
                    chain.AddWriteWithImmediate(2, line, address + 64, key, (uint)i, SendFlags.Inline | SendFlags.Signaled);
                    int error = a.Post.PostSend(chain, out _);
                    int received = 0, sent = 0;
                    for (long spins = 0; received + sent < 2; spins++)
                    {
                        received += b.Completions.Poll(completions);
                        sent += a.Completions.Poll(completions);
                        if ((spins & 63) == 63)
                            Thread.Sleep(0);
                        if (spins > 10_000_000)
                            throw new TimeoutException("an exchange did not complete");
                    }
                    error |= b.Post.PostEmptyReceives(1, 1, out _);
                    b.Completions.RequestNotification();
                    b.Channel!.TryTakeEvent(out _);
                    if (error != 0)
                        throw a.Post.PostFailure(error);
                }
            }

            Exchange(1_000);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Exchange(10_000);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }
}
