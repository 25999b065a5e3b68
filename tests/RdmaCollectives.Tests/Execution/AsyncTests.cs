using System.Diagnostics;

namespace RdmaCollectives.Tests.Execution;

/// <summary>Queued calls: order, deadlines, cancellation, and what they do with threads.</summary>
public sealed class AsyncTests
{
    private static readonly CommunicatorOptions Options = new() { ChunkBytes = 4096, Timeout = TimeSpan.FromSeconds(20) };
    private static readonly CommunicatorOptions Hasty = new() { ChunkBytes = 4096, Timeout = TimeSpan.FromMilliseconds(300) };

    [Fact]
    public void AllReduceAsync_SeveralPendingAndASynchronousCallBehind_RunInTheOrderOfEntry()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(3, Options);
        group.Run(communicator =>
        {
            for (int repeat = 0; repeat < 50; repeat++)
            {
                // Each call builds on the one before, in the same memory: another order gives another number.
                int[] values = [1];
                ValueTask first = communicator.AllReduceAsync(values.AsMemory(), ReduceOp.Sum); // 3
                ValueTask second = communicator.AllReduceAsync(values.AsMemory(), ReduceOp.Product); // 27
                ValueTask third = communicator.AllReduceAsync(values.AsMemory(), ReduceOp.Sum); // 81
                communicator.AllReduce(values.AsSpan(), ReduceOp.Product); // 81^3
                Assert.True(first.IsCompleted && second.IsCompleted && third.IsCompleted);
                Assert.Equal(531441, values[0]);
                Assert.Null(Deadline.Wait(first));
                Assert.Null(Deadline.Wait(second));
                Assert.Null(Deadline.Wait(third));
            }
        });
    }

    [Fact]
    public void AllReduceAsync_SynchronousCallsBetween_GiveTheTokenToAndFro()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        group.Run(communicator =>
        {
            int[] values = new int[2000];
            for (int i = 0; i < 2000; i++)
            {
                ValueTask queued = communicator.AllReduceAsync(values.AsMemory(0, 1 + (i % 2000)), ReduceOp.Sum);
                communicator.AllReduce(values.AsSpan(), ReduceOp.Max);
                Assert.Null(Deadline.Wait(queued));
                communicator.AllReduce(values.AsSpan(), ReduceOp.Max);
            }
        });
    }

    [Fact]
    public void AllReduceAsync_PeerDoesNotCome_IsATimeoutAtTheDeadline()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Hasty);
        long start = Stopwatch.GetTimestamp();
        var fault = Assert.IsType<CommunicatorFaultException>(Deadline.Wait(group[0].AllReduceAsync(new int[1].AsMemory(), ReduceOp.Sum)));
        Assert.Equal(Error.Timeout, fault.Reason);
        Assert.InRange(Stopwatch.GetElapsedTime(start), Hasty.Timeout!.Value, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void AllReduceAsync_AnotherCommunicatorIsBusy_TheDeadlineIsSeenAllTheSame()
    {
        using LocalGroup stuck = Communicator.CreateLocalGroup(2, Hasty);
        using LocalGroup busy = Communicator.CreateLocalGroup(1, Options);
        ValueTask waiting = stuck[0].AllReduceAsync(new int[1].AsMemory(), ReduceOp.Sum);
        long start = Stopwatch.GetTimestamp();
        while (!waiting.IsCompleted && Stopwatch.GetElapsedTime(start) < Deadline.Long)
        {
            Assert.Null(Deadline.Wait(busy[0].AllReduceAsync(new int[1].AsMemory(), ReduceOp.Sum)));
        }

        Assert.Equal(Error.Timeout, Assert.IsType<CommunicatorFaultException>(Deadline.Wait(waiting)).Reason);
    }

    [Fact]
    public void AllReduceAsync_PeerLeaves_IsPeerLeft()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        ValueTask waiting = group[0].AllReduceAsync(new int[1].AsMemory(), ReduceOp.Sum);
        group[1].Dispose();
        Assert.Equal(Error.PeerLeft, Assert.IsType<CommunicatorFaultException>(Deadline.Wait(waiting)).Reason);
    }

    [Fact]
    public void AllReduceAsync_CanceledBeforeTheCall_NothingIsSent()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        group.Run(communicator =>
        {
            int[] values = [1];
            Assert.Throws<OperationCanceledException>(() => { _ = communicator.AllReduceAsync(values.AsMemory(), ReduceOp.Sum, cancellationToken: new CancellationToken(canceled: true)); });
            communicator.AllReduce(values.AsSpan(), ReduceOp.Sum);
            Assert.Equal(2, values[0]);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AllReduceAsync_CanceledWhileRunningOrQueued_IsAFaultOnAllRanksAndOperationCanceledHere(bool whileQueued)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(3, Options);
        using var source = new CancellationTokenSource();
        ValueTask ahead = whileQueued ? group[0].AllReduceAsync(new int[1].AsMemory(), ReduceOp.Sum) : default;
        ValueTask canceled = group[0].AllReduceAsync(new int[1].AsMemory(), ReduceOp.Sum, cancellationToken: source.Token);
        ValueTask behind = group[0].AllReduceAsync(new int[1].AsMemory(), ReduceOp.Sum);
        Task<Exception?> peer = Deadline.Start(() => group[1].AllReduce(new int[1].AsSpan(), ReduceOp.Sum));
        Thread.Sleep(50);
        source.Cancel();

        Assert.Equal(source.Token, Assert.IsType<OperationCanceledException>(Deadline.Wait(canceled)).CancellationToken);
        if (whileQueued)
        {
            AssertCanceled(Deadline.Wait(ahead));
        }

        AssertCanceled(Deadline.Wait(behind));
        AssertCanceled(Deadline.Wait(peer));
        AssertCanceled(Record.Exception(() => group[2].AllReduce(new int[1].AsSpan(), ReduceOp.Sum)));

        static void AssertCanceled(Exception? error)
        {
            var fault = Assert.IsType<CommunicatorFaultException>(error);
            Assert.Equal(Error.Canceled, fault.Reason);
            Assert.Equal(0, fault.Peer);
        }
    }

    [Fact]
    public void AllReduceAsync_CanceledAfterItIsComplete_ChangesNothing()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        group.Run(communicator =>
        {
            for (int i = 0; i < 500; i++)
            {
                using var source = new CancellationTokenSource();
                ValueTask done = communicator.AllReduceAsync(new int[1].AsMemory(), ReduceOp.Sum, cancellationToken: source.Token);
                Deadline.Until(() => done.IsCompleted);
                source.Cancel();
                Assert.Null(Deadline.Wait(done));
            }
        });
    }

    /// <summary>A token that races with the end of its call: either the call is done and all goes on, or all ranks are at fault. Never a rank that waits for a call that another dropped.</summary>
    [Fact]
    public void AllReduceAsync_CanceledAtAnyMoment_IsDoneOrAFaultEverywhere()
    {
        var random = new Random(20261122);
        for (int repeat = 0; repeat < 60; repeat++)
        {
            using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
            using var source = new CancellationTokenSource();
            int spin = random.Next(2000);
            Task<Exception?> canceler = Deadline.Start(() =>
            {
                Thread.SpinWait(spin);
                source.Cancel();
            });
            ValueTask first = default, second = default;
            Exception? early = Record.Exception(() =>
            {
                first = group[0].AllReduceAsync(new int[1].AsMemory(), ReduceOp.Sum, cancellationToken: source.Token);
                second = group[0].AllReduceAsync(new int[1].AsMemory(), ReduceOp.Sum);
            });
            if (early is not null)
            {
                Assert.IsType<OperationCanceledException>(early);
                Assert.Null(Deadline.Wait(canceler));
                continue;
            }

            Task<Exception?> peer = Deadline.Start(() =>
            {
                group[1].AllReduce(new int[1].AsSpan(), ReduceOp.Sum);
                group[1].AllReduce(new int[1].AsSpan(), ReduceOp.Sum);
            });
            Exception? canceled = Deadline.Wait(first);
            Exception? behind = Deadline.Wait(second);
            Exception? peers = Deadline.Wait(peer);
            Assert.Null(Deadline.Wait(canceler));
            if (canceled is OperationCanceledException)
            {
                Assert.Equal(Error.Canceled, Assert.IsType<CommunicatorFaultException>(behind).Reason);
                Assert.Equal(Error.Canceled, Assert.IsType<CommunicatorFaultException>(peers).Reason);
            }
            else
            {
                Assert.Null(canceled);
                Assert.Null(behind);
                Assert.Null(peers);
            }
        }
    }

    [Fact]
    public void AllReduceAsync_AwaitedTwice_ThrowsAndSpoilsNoOtherCall()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(1, Options);
        int[] values = [1];
        ValueTask first = group[0].AllReduceAsync(values.AsMemory(), ReduceOp.Sum);
        Assert.Null(Deadline.Wait(first));
        ValueTask second = group[0].AllReduceAsync(values.AsMemory(), ReduceOp.Sum); // the same pooled operation
        Assert.Throws<InvalidOperationException>(() => first.GetAwaiter().GetResult());
        Assert.Null(Deadline.Wait(second));
    }

    [Fact]
    public void AllReduceAsync_ResultTakenTooEarly_ThrowsAndTheCallGoesOn()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        int[] values = [1];
        ValueTask waiting = group[0].AllReduceAsync(values.AsMemory(), ReduceOp.Sum);
        Assert.Throws<InvalidOperationException>(() => waiting.GetAwaiter().GetResult());
        Task<Exception?> peer = Deadline.Start(() => group[1].AllReduce(new int[] { 5 }.AsSpan(), ReduceOp.Sum));
        Assert.Null(Deadline.Wait(waiting));
        Assert.Null(Deadline.Wait(peer));
        Assert.Equal(6, values[0]);
    }

    [Fact]
    public void AllReduceAsync_RefusedAtEntry_GivesTheBuffersBack()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(1, Options);
        RegisteredBuffer<int> send = group[0].Allocate<int>(16);
        RegisteredBuffer<int> receive = group[0].Allocate<int>(16);
        Memory<int> disposed = receive.Memory;
        receive.Dispose();
        ValueTask never = default;
        Assert.Throws<ObjectDisposedException>(() => { never = group[0].AllReduceAsync<int>(send.Memory, disposed, ReduceOp.Sum); });
        group[0].Dispose();
        Assert.Throws<ObjectDisposedException>(() => { never = group[0].AllReduceAsync<int>(send.Memory, ReduceOp.Sum); });
        Assert.Equal(default, never);
        Mapping sent = Mapping.Of(send);
        send.Dispose();
        Assert.False(sent.Exists, "The call that never was holds the buffer.");
    }

    [Fact]
    public void AllReduceAsync_Continuation_NeverRunsOnOurThreads()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        var names = new System.Collections.Concurrent.ConcurrentBag<string?>();
        Task[] tasks = [.. Enumerable.Range(0, 2).Select(rank => Task.Run(async () =>
        {
            for (int i = 0; i < 100; i++)
            {
                await group[rank].AllReduceAsync(new int[1].AsMemory(), ReduceOp.Sum).ConfigureAwait(false);
                names.Add(Thread.CurrentThread.Name);
            }
        }))];
        Deadline.Until(() => Array.TrueForAll(tasks, task => task.IsCompleted));
        Assert.All(tasks, task => Assert.True(task.IsCompletedSuccessfully, $"{task.Exception}"));
        Assert.DoesNotContain(names, name => name?.StartsWith("rdmacc", StringComparison.Ordinal) == true);
    }
}
