using System.Buffers.Binary;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs.Tests;

/// <summary>On a real device: every operation between two connected queue pairs, and how each fails.</summary>
public unsafe class DataPathDeviceTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>Posts one request of <paramref name="byteCount"/> bytes at <paramref name="offset"/> of both memories.</summary>
    private static void Post(TestEndpoint from, TestEndpoint to, SendOpcode opcode, uint byteCount, nuint offset = 0, uint immediate = 0, ulong id = 1)
    {
        ScatterGatherElement element = from.Region.Slice(offset, byteCount);
        SendRequest request = new() { WorkRequestId = id, Opcode = opcode, Flags = SendFlags.Signaled, Immediate = immediate };
        request.SetElements(&element, 1);
        request.SetRemote(to.Region.Address + offset, to.Region.RemoteKey);
        Assert.Equal(0, from.Post.PostSend(in request));
    }

    private static void PostReceive(TestEndpoint at, uint byteCount, nuint offset = 0, ulong id = 2)
    {
        ScatterGatherElement element = at.Region.Slice(offset, byteCount);
        ReceiveRequest request = new() { WorkRequestId = id };
        request.SetElements(&element, 1);
        Assert.Equal(0, at.Post.PostReceive(in request));
    }

    private static void Fill(TestEndpoint end, int seed)
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        new Random(seed).NextBytes(end.Memory);
    }

    [Fact]
    public void Write_WholeMemory_ArrivesUnchanged()
    {
        var (a, b) = TestEndpoint.Connected();
        using (a)
        using (b)
        {
            Fill(a, 20261122);
            Post(a, b, SendOpcode.Write, TestEndpoint.MemoryByteCount, id: 42);

            WorkCompletion done = a.AwaitSuccess();
            Assert.Equal((42UL, CompletionOpcode.Write, a.Pair.Number), (done.WorkRequestId, done.Opcode, done.QueuePairNumber));
            Assert.True(a.Memory.SequenceEqual(b.Memory));
        }
    }

    [Fact]
    public void WriteWithImmediate_IntoAnEmptyReceive_BringsDataAndNumber()
    {
        var (a, b) = TestEndpoint.Connected(receives: 40);
        using (a)
        using (b)
        {
            Fill(a, 7);
            Post(a, b, SendOpcode.WriteWithImmediate, 1000, immediate: 0xfeedface);

            WorkCompletion arrived = b.AwaitSuccess();
            Assert.Equal((1000UL, CompletionOpcode.ReceiveWriteWithImmediate, true, 0xfeedfaceu, 1000u),
                (arrived.WorkRequestId, arrived.Opcode, arrived.HasImmediate, arrived.Immediate, arrived.ByteCount));
            Assert.True(a.Memory[..1000].SequenceEqual(b.Memory[..1000]));
            Assert.Equal(CompletionOpcode.Write, a.AwaitSuccess().Opcode);
        }
    }

    [Fact]
    public void Send_IntoAReceive_ArrivesWithAndWithoutImmediate()
    {
        var (a, b) = TestEndpoint.Connected();
        using (a)
        using (b)
        {
            Fill(a, 8);
            PostReceive(b, 4096, 0, id: 1);
            PostReceive(b, 4096, 4096, id: 2);
            Post(a, b, SendOpcode.Send, 100);
            Post(a, b, SendOpcode.SendWithImmediate, 200, immediate: 5);

            List<WorkCompletion> arrived = b.Await(2);
            Assert.Equal((1UL, CompletionOpcode.Receive, false, 100u), (arrived[0].WorkRequestId, arrived[0].Opcode, arrived[0].HasImmediate, arrived[0].ByteCount));
            Assert.Equal((2UL, true, 5u, 200u), (arrived[1].WorkRequestId, arrived[1].HasImmediate, arrived[1].Immediate, arrived[1].ByteCount));
            Assert.True(a.Memory[..100].SequenceEqual(b.Memory[..100]));
            Assert.True(a.Memory[..200].SequenceEqual(b.Memory.Slice(4096, 200)));
            a.Await(2);
        }
    }

    [Fact]
    public void Read_PeersMemory_BringsIt()
    {
        var (a, b) = TestEndpoint.Connected();
        using (a)
        using (b)
        {
            Fill(b, 9);
            Post(a, b, SendOpcode.Read, 10_000);

            WorkCompletion done = a.AwaitSuccess();
            Assert.Equal((CompletionOpcode.Read, 10_000u), (done.Opcode, done.ByteCount));
            Assert.True(a.Memory[..10_000].SequenceEqual(b.Memory[..10_000]));
        }
    }

    [Fact]
    public void Atomics_OnPeersMemory_ChangeItAndBringTheOldValue()
    {
        var (a, b) = TestEndpoint.Connected();
        using (a)
        using (b)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(b.Memory, 40);
            ScatterGatherElement result = a.Region.Slice(0, 8);
            SendRequest add = new() { Opcode = SendOpcode.FetchAndAdd, Flags = SendFlags.Signaled };
            add.SetElements(&result, 1);
            add.SetAtomic(b.Region.Address, b.Region.RemoteKey, 2);
            Assert.Equal(0, a.Post.PostSend(in add));
            Assert.Equal(CompletionOpcode.FetchAndAdd, a.AwaitSuccess().Opcode);
            Assert.Equal((40UL, 42UL), (BinaryPrimitives.ReadUInt64LittleEndian(a.Memory), BinaryPrimitives.ReadUInt64LittleEndian(b.Memory)));

            foreach ((ulong compare, ulong expected) in new[] { (41UL, 42UL), (42UL, 99UL) })
            {
                SendRequest swap = new() { Opcode = SendOpcode.CompareAndSwap, Flags = SendFlags.Signaled };
                swap.SetElements(&result, 1);
                swap.SetAtomic(b.Region.Address, b.Region.RemoteKey, compare, 99);
                Assert.Equal(0, a.Post.PostSend(in swap));
                Assert.Equal(CompletionOpcode.CompareAndSwap, a.AwaitSuccess().Opcode);
                Assert.Equal((42UL, expected), (BinaryPrimitives.ReadUInt64LittleEndian(a.Memory), BinaryPrimitives.ReadUInt64LittleEndian(b.Memory)));
            }
        }
    }

    [Fact]
    public void Inline_BufferOnTheStackChangedAfterPosting_ArrivesAsItWas()
    {
        var (a, b) = TestEndpoint.Connected(receives: 1, inlineByteCount: 64);
        using (a)
        using (b)
        {
            Assert.InRange(a.Pair.MaxInlineByteCount, 64, int.MaxValue);
            byte* line = stackalloc byte[64];
            new Span<byte>(line, 64).Fill(5);
            ScatterGatherElement element = new(line, 64, localKey: 0);
            SendRequest request = new() { Opcode = SendOpcode.WriteWithImmediate, Flags = SendFlags.Inline | SendFlags.Signaled, Immediate = 1 };
            request.SetElements(&element, 1);
            request.SetRemote(b.Region.Address, b.Region.RemoteKey);
            Assert.Equal(0, a.Post.PostSend(in request));
            new Span<byte>(line, 64).Fill(6);

            b.AwaitSuccess();
            Assert.Equal(Enumerable.Repeat((byte)5, 64), b.Memory[..64].ToArray());
            a.AwaitSuccess();
        }
    }

    [Fact]
    public void Chain_OfWritesEndingInOneSignaledImmediate_GivesOneCompletionForAll()
    {
        var (a, b) = TestEndpoint.Connected(receives: 2);
        using (a)
        using (b)
        {
            Fill(a, 10);
            SendChain chain = new(16);
            for (uint i = 0; i < 15; i++)
                chain.AddWrite(i, a.Region.Slice(i * 4096, 4096), b.Region.Address + (i * 4096), b.Region.RemoteKey);
            chain.AddWriteWithImmediate(15, a.Region.Slice(15 * 4096, 4096), b.Region.Address + (15 * 4096), b.Region.RemoteKey, 123, SendFlags.Signaled);

            Assert.Equal(0, a.Post.PostSend(chain, out int posted));
            Assert.Equal(16, posted);
            Assert.Equal(123u, b.AwaitSuccess().Immediate);
            Assert.True(a.Memory.SequenceEqual(b.Memory));
            Assert.Equal(15UL, a.AwaitSuccess().WorkRequestId);

            chain.Clear();
            chain.AddWriteWithImmediate(16, default, b.Region.Address, b.Region.RemoteKey, 124, SendFlags.Signaled);
            Assert.Equal(0, a.Post.PostSend(chain, out posted));
            Assert.Equal((1, 124u), (posted, b.AwaitSuccess().Immediate));
            a.AwaitSuccess();
            chain.Clear();
            Assert.Equal(0, a.Post.PostSend(chain, out posted));
            Assert.Equal(0, posted);
        }
    }

    [Fact]
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
