using RdmaCollectives.Memory;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Tests.Memory;

public sealed class RegisteredBufferTests
{
    private int _freed;

    [Fact]
    public unsafe void Span_NewBuffer_IsZeroPageAlignedAndTheSameMemory()
    {
        using RegisteredBuffer<int> buffer = Allocate(1000);
        Assert.Equal(1000, buffer.Length);
        Assert.Equal(1000, buffer.Memory.Length);
        Assert.False(buffer.Span.ContainsAnyExcept(0));
        Assert.Equal(0u, (nuint)buffer.Registration.Address % 4096);
        buffer.Memory.Span[999] = 5;
        Assert.Equal(5, buffer.Span[999]);
    }

    /// <summary>As another process of the same user could try it: through the descriptor's path.</summary>
    [Fact]
    public async Task Allocate_BufferOfACommunicator_CannotBeWrittenOrResizedThroughItsDescriptor()
    {
        await using LocalGroup group = await Communicator.CreateLocalGroupAsync(1);
        using RegisteredBuffer<byte> buffer = group[0].Allocate<byte>(10_000);
        string path = $"/proc/self/fd/{buffer.Registration.SharedDescriptor}";
        using (FileStream reader = new(path, FileMode.Open, FileAccess.Read))
        {
            Assert.Equal(10_000, reader.Length);
        }

        using FileStream writer = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        Assert.ThrowsAny<Exception>(() => writer.Write([1]));
        Assert.ThrowsAny<Exception>(() => writer.SetLength(0));
        Assert.ThrowsAny<Exception>(() => writer.SetLength(20_000));
        Assert.False(buffer.Span.ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Dispose_NotInUse_FreesOnceAndThrowsFromThenOn()
    {
        RegisteredBuffer<int> buffer = Allocate(10);
        Memory<int> memory = buffer.Memory;
        buffer.Dispose();
        buffer.Dispose();
        Assert.Equal(1, _freed);
        Assert.Throws<ObjectDisposedException>(() => buffer.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.Pin());
        Assert.Equal(10, buffer.Length);
    }

    [Fact]
    public void Dispose_InUse_FreesWhenTheLastUseEnds()
    {
        RegisteredBuffer<int> buffer = Allocate(10);
        Assert.True(buffer.Registration.Uses.TryHold());
        using (buffer.Memory.Pin())
        {
            buffer.Dispose();
            Assert.Equal(0, _freed);
            Assert.False(buffer.Registration.Uses.TryHold());
        }

        Assert.Equal(0, _freed);
        buffer.Registration.Uses.Release();
        Assert.Equal(1, _freed);
    }

    [Fact]
    public unsafe void Pin_Element_PointsAtIt()
    {
        using RegisteredBuffer<long> buffer = Allocate<long>(10);
        buffer.Span[3] = 33;
        using System.Buffers.MemoryHandle handle = buffer.Pin(3);
        Assert.Equal(33, *(long*)handle.Pointer);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Pin(11));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Pin(-1));
    }

    [Fact]
    public async Task Close_RacingHoldersAndClosers_EndsOnceAndAfterAllHolds()
    {
        for (int round = 0; round < 200; round++)
        {
            var uses = new UseCount();
            int held = 0;
            int ends = 0;
            using var start = new Barrier(4);
            Task[] holders = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    while (uses.TryHold())
                    {
                        Interlocked.Increment(ref held);
                        Assert.Equal(0, Volatile.Read(ref ends));
                        Interlocked.Decrement(ref held);
                        uses.Release();
                    }
                },
                TaskCreationOptions.LongRunning)).ToArray();
            Task[] closers = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    uses.Close(() => Interlocked.Add(ref ends, Volatile.Read(ref held) == 0 ? 1 : 100));
                },
                TaskCreationOptions.LongRunning)).ToArray();
            await Task.WhenAll([.. holders, .. closers]).WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(1, ends);
        }
    }

    [Fact]
    public unsafe void NativeBuffer_Aligned_IsZeroAndAligned()
    {
        using var buffer = new NativeBuffer(1000, 4096);
        Assert.Equal(0u, (nuint)buffer.Address % 4096);
        Assert.False(new Span<byte>(buffer.Address, 1000).ContainsAnyExcept((byte)0));
        using var empty = new NativeBuffer(0);
        Assert.False(empty.IsInvalid);
    }

    private RegisteredBuffer<int> Allocate(int length) => Allocate<int>(length);

    private unsafe RegisteredBuffer<T> Allocate<T>(int length)
        where T : unmanaged
    {
        SharedSegment segment = SharedSegment.Create("test", length * sizeof(T), SegmentKind.Memfd, peersWrite: false);
        return new RegisteredBuffer<T>(new MemoryRegistration(segment.Address, (nuint)(length * sizeof(T)), segment.Descriptor), length, () =>
        {
            _freed++;
            segment.Dispose();
        });
    }
}
