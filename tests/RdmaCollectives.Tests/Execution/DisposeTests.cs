using System.Diagnostics;

namespace RdmaCollectives.Tests.Execution;

/// <summary>Disposing is local, never throws for a fault, and leaves nobody with memory that is gone.</summary>
public sealed class DisposeTests
{
    private static readonly CommunicatorOptions Options = new() { ChunkBytes = 4096, Timeout = TimeSpan.FromSeconds(20) };
    private static readonly CommunicatorOptions Hasty = new() { ChunkBytes = 4096, Timeout = TimeSpan.FromMilliseconds(300) };

    [Fact]
    public void Dispose_Twice_DoesNothingMore_AndEveryCallIsObjectDisposed()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(1, Options);
        Communicator communicator = group[0];
        communicator.Dispose();
        communicator.Dispose();
        Assert.Throws<ObjectDisposedException>(() => communicator.AllReduce(new int[1].AsSpan(), ReduceOp.Sum));
        Assert.Throws<ObjectDisposedException>(() => { _ = communicator.AllReduceAsync(new int[1].AsMemory(), ReduceOp.Sum); });
        Assert.Throws<ObjectDisposedException>(() => communicator.Allocate<int>(1));
        communicator.Abort();
        Assert.Equal(1, communicator.WorldSize);
    }

    [Fact]
    public void Dispose_WithQueuedCallsThatComplete_WaitsForThem()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        int[] values = [3];
        ValueTask queued = group[0].AllReduceAsync(values.AsMemory(), ReduceOp.Sum);
        Task<Exception?> disposing = Deadline.Start(group[0].Dispose);
        Thread.Sleep(50);
        Assert.False(disposing.IsCompleted);
        group[1].AllReduce(new int[] { 4 }.AsSpan(), ReduceOp.Sum);
        Assert.Null(Deadline.Wait(disposing));
        Assert.True(queued.IsCompletedSuccessfully);
        Assert.Equal(7, values[0]);
    }

    [Fact]
    public void Dispose_WhileAnotherThreadIsInACall_WaitsAndThenEndsItByAFault()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Hasty);
        Task<Exception?> stuck = Deadline.Start(() => group[0].AllReduce(new int[1].AsSpan(), ReduceOp.Sum, new OperationOptions { Deadline = TimeSpan.FromHours(1) }));
        Thread.Sleep(50);
        long start = Stopwatch.GetTimestamp();
        group[0].Dispose();
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5));
        Assert.Equal(Error.Timeout, Assert.IsType<CommunicatorFaultException>(Deadline.Wait(stuck)).Reason);
    }

    [Fact]
    public void Dispose_WhileAReducerDoesNotReturn_ReturnsAndFreesNothingUnderIt()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Hasty);
        using var goOn = new ManualResetEventSlim();
        using var inside = new ManualResetEventSlim();
        ScriptedReducer reducer = ScriptedReducer.Of(() =>
        {
            inside.Set();
            goOn.Wait(Deadline.Long);
        });
        Task<Exception?> stuck = Deadline.Start(() => group[0].AllReduce(new int[1000].AsSpan(), reducer));
        Task<Exception?> peer = Deadline.Start(() => group[1].AllReduce(new int[1000].AsSpan(), reducer));
        Assert.True(inside.Wait(Deadline.Long));
        Assert.Null(Deadline.Wait(Deadline.Start(group[0].Dispose)));
        goOn.Set();
        Deadline.Wait(stuck);
        Deadline.Wait(peer);
    }

    [Fact]
    public void Dispose_AfterAFault_DoesNotThrow()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        group[0].Abort();
        Assert.Equal(Error.Aborted, Assert.Throws<CommunicatorFaultException>(() => group[1].AllReduce(new int[1].AsSpan(), ReduceOp.Sum)).Reason);
        group[0].Dispose();
        group[1].Dispose();
    }

    [Fact]
    public void Abort_WhileRanksWaitInCalls_EndsThemWithinASecond()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(3, Options);
        ValueTask queued = group[0].AllReduceAsync(new int[1].AsMemory(), ReduceOp.Sum);
        Task<Exception?> waiting = Deadline.Start(() => group[1].AllReduce(new int[1].AsSpan(), ReduceOp.Sum));
        Thread.Sleep(300); // long enough that both sleep in the kernel
        long start = Stopwatch.GetTimestamp();
        group[2].Abort();
        Assert.Equal(Error.Aborted, Assert.IsType<CommunicatorFaultException>(Deadline.Wait(queued)).Reason);
        Assert.Equal(Error.Aborted, Assert.IsType<CommunicatorFaultException>(Deadline.Wait(waiting)).Reason);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1), $"{Stopwatch.GetElapsedTime(start)}");
    }

    [Fact]
    public void Dispose_RightAfterAsyncCalls_ManyTimes_TouchesNothingThatIsGone()
    {
        for (int repeat = 0; repeat < 100; repeat++)
        {
            using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
            ValueTask[] tasks = [.. Enumerable.Range(0, 2).Select(rank => group[rank].AllReduceAsync(new int[1].AsMemory(), ReduceOp.Sum))];
            foreach (ValueTask task in tasks)
            {
                Assert.Null(Deadline.Wait(task));
            }
        }
    }

    [Fact]
    public void Buffer_OutlivesItsCommunicator_AndIsFreedByItsOwnDispose()
    {
        RegisteredBuffer<int> buffer;
        using (LocalGroup group = Communicator.CreateLocalGroup(2, Options))
        {
            buffer = group[0].Allocate<int>(1000);
            buffer.Span.Fill(7);
        }

        Assert.Equal(7, buffer.Span[999]);
        Mapping memory = Mapping.Of(buffer);
        buffer.Dispose();
        Assert.False(memory.Exists);
    }

    [Fact]
    public void Buffer_DisposedInTheMiddleOfACall_GoesWhenTheCallEnds()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        RegisteredBuffer<int> send = group[0].Allocate<int>(100);
        RegisteredBuffer<int> receive = group[0].Allocate<int>(100);
        send.Span.Fill(1);
        Mapping sent = Mapping.Of(send), received = Mapping.Of(receive);
        Task<Exception?> call = Deadline.Start(() => group[0].AllReduce<int>(send.Span, receive.Span, ReduceOp.Sum));
        Thread.Sleep(100);
        send.Dispose();
        Assert.True(sent.Exists);
        int[] values = new int[100];
        group[1].AllReduce(values.AsSpan(), ReduceOp.Sum);
        Assert.Null(Deadline.Wait(call));
        Assert.Equal(1, values[99]);
        Assert.False(sent.Exists);
        receive.Dispose();
        Assert.False(received.Exists);
    }

    /// <summary>The first buffer is found and held, the second is closed: the first must not stay held by a call that never was.</summary>
    [Fact]
    public unsafe void AllReduce_SecondBufferIsDisposed_LetsGoOfTheFirst_AndTheNextCallStillGoesTogether()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        RegisteredBuffer<int> send = group[0].Allocate<int>(100);
        RegisteredBuffer<int> receive = group[0].Allocate<int>(100);
        Mapping sent = Mapping.Of(send);
        using (receive.Pin()) // keeps the memory and its place in the table, while it counts as disposed
        {
            receive.Dispose();
            nint from = (nint)send.Registration.Address, to = (nint)receive.Registration.Address;
            Assert.Throws<ObjectDisposedException>(() => group[0].AllReduce((void*)from, (void*)to, 100, DataType.Int32, ReduceOp.Sum));
        }

        send.Dispose();
        Assert.False(sent.Exists);
        group.Run(communicator => communicator.AllReduce(new int[1].AsSpan(), ReduceOp.Sum)); // its place in the order of calls was not used up
    }
}
