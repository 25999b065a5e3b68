using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RdmaCollectives.Verbs.Tests;

/// <summary>On a real device: what a memory window of type 2 opens, to whom, and until when.</summary>
public unsafe class MemoryWindowDeviceTests
{
    private const int ByteCount = 4096;

    [Fact]
    public void Bind_OpensTheRangeToItsQueuePairAloneAndUntilInvalidated()
    {
        var (a, b) = TestEndpoint.Connected();
        TestEndpoint stranger = new();
        byte* memory = (byte*)NativeMemory.AlignedAlloc(ByteCount, ByteCount);
        using (a)
        using (b)
        using (stranger)
        {
            RequireWindows(b);
            new Span<byte>(memory, ByteCount).Clear();
            using MemoryRegion region = b.Domain.Register(memory, ByteCount, MemoryAccess.LocalWrite | MemoryAccess.BindWindows);
            using MemoryWindow window = region.CreateWindow();
            uint key = window.NextRemoteKey;
            Bind(b, window, region.Address + 1024, 512);
            Assert.Equal(key, window.RemoteKey);

            a.Memory.Fill(7);
            Assert.True(Write(a, region.Address + 1024, 512, key).IsSuccess);
            Assert.Equal(1024, new Span<byte>(memory, ByteCount).IndexOf((byte)7));
            Assert.Equal(1535, new Span<byte>(memory, ByteCount).LastIndexOf((byte)7));

            // Another queue pair of the same protection domain: its peer knows the key, and it opens nothing.
            using QueuePair second = ConnectToStranger(b, stranger);
            Assert.Equal(CompletionStatus.RemoteAccessError, Write(stranger, region.Address + 1024, 512, key).Status);

            Invalidate(b, key);
            Assert.Equal(CompletionStatus.RemoteAccessError, Write(a, region.Address + 1024, 512, key).Status);
        }

        NativeMemory.AlignedFree(memory);
    }

    [Theory]
    [InlineData(1023, 512)]
    [InlineData(1024, 513)]
    public void Write_BesideTheWindow_IsRefused(int offset, int size)
    {
        var (a, b) = TestEndpoint.Connected();
        byte* memory = (byte*)NativeMemory.AlignedAlloc(ByteCount, ByteCount);
        using (a)
        using (b)
        {
            RequireWindows(b);
            Assert.SkipWhen(b.Context.Name.StartsWith("rxe", StringComparison.Ordinal), "rxe (Linux 6.1) compares with the range of the region in place of the window's: the write succeeds");
            using MemoryRegion region = b.Domain.Register(memory, ByteCount, MemoryAccess.LocalWrite | MemoryAccess.BindWindows);
            using MemoryWindow window = region.CreateWindow();
            Bind(b, window, region.Address + 1024, 512);
            Assert.Equal(CompletionStatus.RemoteAccessError, Write(a, region.Address + (ulong)offset, (uint)size, window.RemoteKey).Status);
        }

        NativeMemory.AlignedFree(memory);
    }

    [Fact]
    public void Bind_Again_HasAnotherKeyAndTheOldOneIsDead()
    {
        var (a, b) = TestEndpoint.Connected();
        byte* memory = (byte*)NativeMemory.AlignedAlloc(ByteCount, ByteCount);
        using (a)
        using (b)
        {
            RequireWindows(b);
            using MemoryRegion region = b.Domain.Register(memory, ByteCount, MemoryAccess.LocalWrite | MemoryAccess.BindWindows);
            using MemoryWindow window = region.CreateWindow();
            const int Times = 100;
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Times; i++)
            {
                Bind(b, window, region.Address, ByteCount);
                Invalidate(b, window.RemoteKey);
            }

            TimeSpan bound = Stopwatch.GetElapsedTime(start) / Times;
            start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Times; i++)
            {
                b.Domain.Register(memory, ByteCount, MemoryAccess.LocalWrite | MemoryAccess.RemoteWrite).Dispose();
            }

            TestContext.Current.TestOutputHelper!.WriteLine($"bind and invalidate {bound.TotalMicroseconds:0} us, register and deregister 4 KiB {(Stopwatch.GetElapsedTime(start) / Times).TotalMicroseconds:0} us, in turn, means of {Times}");
            uint old = window.RemoteKey;
            Bind(b, window, region.Address, ByteCount);
            Assert.NotEqual(old, window.RemoteKey);
            Assert.True(Write(a, region.Address, 8, window.RemoteKey).IsSuccess);
            Assert.Equal(CompletionStatus.RemoteAccessError, Write(a, region.Address, 8, old).Status);
        }

        NativeMemory.AlignedFree(memory);
    }

    private static void RequireWindows(TestEndpoint endpoint) => Assert.SkipUnless(endpoint.Context.QueryDevice().HasMemoryWindows, $"{endpoint.Context.Name} has no memory windows of type 2");

    private static void Bind(TestEndpoint endpoint, MemoryWindow window, ulong address, uint byteCount)
    {
        SendRequest request = new() { WorkRequestId = 1, Flags = SendFlags.Signaled };
        request.SetBind(window, address, byteCount, MemoryAccess.RemoteWrite);
        Assert.Equal(0, endpoint.Post.PostSend(in request));
        Assert.Equal(CompletionOpcode.BindMemoryWindow, endpoint.AwaitSuccess().Opcode);
    }

    private static void Invalidate(TestEndpoint endpoint, uint key)
    {
        SendRequest request = new() { WorkRequestId = 2, Flags = SendFlags.Signaled };
        request.SetInvalidate(key);
        Assert.Equal(0, endpoint.Post.PostSend(in request));
        Assert.Equal(CompletionOpcode.LocalInvalidate, endpoint.AwaitSuccess().Opcode);
    }

    private static WorkCompletion Write(TestEndpoint from, ulong address, uint byteCount, uint key)
    {
        ScatterGatherElement element = from.Region.Slice(0, byteCount);
        SendRequest request = new() { WorkRequestId = 3, Opcode = SendOpcode.Write, Flags = SendFlags.Signaled };
        request.SetElements(&element, 1);
        request.SetRemote(address, key);
        Assert.Equal(0, from.Post.PostSend(in request));
        return from.Await(1)[0];
    }

    private static QueuePair ConnectToStranger(TestEndpoint owner, TestEndpoint stranger)
    {
        QueuePair pair = owner.Domain.CreateQueuePair(new QueuePairOptions { SendQueue = owner.Queue, ReceiveQueue = owner.Queue, MaxSendRequests = 4, MaxReceiveRequests = 4 });
        pair.Initialize(MemoryAccess.RemoteWrite);
        GidEntry gid = owner.Context.ChooseGid().Entry!.Value;
        pair.Connect(stranger.Address, new QueuePairConnectOptions { GidIndex = gid.Index, SequenceNumber = 7, PathMtu = owner.Context.QueryPort().ActiveMtu, Timeout = 14, RetryCount = 6 });
        stranger.Pair.Initialize(MemoryAccess.RemoteWrite);
        stranger.Connect(new QueuePairAddress(pair.Number, 7, owner.Context.QueryPort().LocalIdentifier, gid.Gid));
        return pair;
    }
}
