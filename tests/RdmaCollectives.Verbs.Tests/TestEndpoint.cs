using System.Runtime.InteropServices;

namespace RdmaCollectives.Verbs.Tests;

/// <summary>One end of a connection with 64 KiB of registered memory, on a device of its own opening.</summary>
internal sealed unsafe class TestEndpoint : IDisposable
{
    internal const int MemoryByteCount = 64 * 1024;

    private readonly byte* _memory = (byte*)NativeMemory.AlignedAlloc(MemoryByteCount, 4096);
    private readonly uint _sequenceNumber = (uint)Random.Shared.Next(1 << 24);
    private readonly GidEntry _gid;

    internal TestEndpoint(int requests = 64, int inlineByteCount = 0, bool hasChannel = false, MemoryAccess access = MemoryAccess.LocalWrite | MemoryAccess.RemoteWrite | MemoryAccess.RemoteRead | MemoryAccess.RemoteAtomic)
    {
        Context = TestDevice.Open();
        new Span<byte>(_memory, MemoryByteCount).Clear();
        Domain = Context.CreateProtectionDomain();
        Region = Domain.Register(_memory, MemoryByteCount, access);
        Channel = hasChannel ? Context.CreateCompletionChannel() : null;
        Queue = Context.CreateCompletionQueue(2 * requests, Channel);
        Pair = Domain.CreateQueuePair(new QueuePairOptions
        {
            SendQueue = Queue,
            ReceiveQueue = Queue,
            MaxSendRequests = requests,
            MaxReceiveRequests = requests,
            MaxInlineByteCount = inlineByteCount,
        });
        Post = Pair.Lease();
        Completions = Queue.Lease();
        _gid = Context.ChooseGid().Entry!.Value;
    }

    internal DeviceContext Context { get; }

    internal ProtectionDomain Domain { get; }

    internal MemoryRegion Region { get; }

    internal CompletionChannel? Channel { get; }

    internal CompletionQueue Queue { get; }

    internal QueuePair Pair { get; }

    internal QueuePairLease Post { get; }

    internal CompletionQueueLease Completions { get; }

    internal Span<byte> Memory => new(_memory, MemoryByteCount);

    internal QueuePairAddress Address => new(Pair.Number, _sequenceNumber, Context.QueryPort().LocalIdentifier, _gid.Gid);

    /// <summary>Two ends, connected, with <paramref name="receives"/> empty receives posted at each.</summary>
    internal static (TestEndpoint A, TestEndpoint B) Connected(int receives = 0, int requests = 64, int inlineByteCount = 0, bool hasChannel = false, byte timeout = 14, byte retryCount = 6)
    {
        TestEndpoint a = new(requests, inlineByteCount, hasChannel), b = new(requests, inlineByteCount, hasChannel);
        foreach ((TestEndpoint own, TestEndpoint other) in new[] { (a, b), (b, a) })
        {
            own.Pair.Initialize(MemoryAccess.RemoteWrite | MemoryAccess.RemoteRead | MemoryAccess.RemoteAtomic);
            Assert.Equal(0, own.Post.PostEmptyReceives(1000, receives, out int posted));
            Assert.Equal(receives, posted);
            own.Connect(other.Address, timeout, retryCount);
        }
        return (a, b);
    }

    internal void Connect(QueuePairAddress remote, byte timeout = 14, byte retryCount = 6) => Pair.Connect(remote, new QueuePairConnectOptions
    {
        GidIndex = _gid.Index,
        SequenceNumber = _sequenceNumber,
        PathMtu = Context.QueryPort().ActiveMtu,
        Timeout = timeout,
        RetryCount = retryCount,
    });

    /// <summary>Polls until <paramref name="count"/> completions came; fails after 20 s.</summary>
    internal List<WorkCompletion> Await(int count)
    {
        long deadline = Environment.TickCount64 + 20_000;
        List<WorkCompletion> all = [];
        WorkCompletion[] batch = new WorkCompletion[16];
        while (all.Count < count)
        {
            int polled = Completions.Poll(batch);
            all.AddRange(batch.AsSpan(0, polled));
            if (polled == 0)
            {
                Assert.True(Environment.TickCount64 < deadline, $"{all.Count} of {count} completions within 20 s");
                Thread.Sleep(0);
            }
        }
        Assert.Equal(count, all.Count);
        return all;
    }

    /// <summary>Waits for one completion and expects it to be a success.</summary>
    internal WorkCompletion AwaitSuccess()
    {
        WorkCompletion completion = Await(1)[0];
        Assert.True(completion.IsSuccess, completion.ToString());
        return completion;
    }

    public void Dispose()
    {
        // On purpose in an order that C would not allow.
        Context.Dispose();
        Domain.Dispose();
        Queue.Dispose();
        Channel?.Dispose();
        Completions.Dispose();
        Post.Dispose();
        Pair.Dispose();
        Region.Dispose();
        NativeMemory.AlignedFree(_memory);
    }
}
