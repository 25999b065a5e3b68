namespace RdmaCollectives.Tests.Execution;

/// <summary>What the exception of a fault says: who, when, in which operation, and what each rank did; the same on every rank.</summary>
public sealed class VerdictTests
{
    private static readonly OperationOptions Hasty = new() { Deadline = TimeSpan.FromMilliseconds(600) };

    [Fact]
    public void Deadline_OfACallThatARankInItsOwnCodeNeverMade_NamesItAndItsLastCall()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(3);
        var errors = new Exception?[3];
        DateTimeOffset before = DateTimeOffset.UtcNow;
        group.Run(communicator =>
        {
            communicator.Broadcast(new int[3].AsSpan(), 0);
            if (communicator.Rank == 1)
            {
                Thread.Sleep(1500); // its own code
            }

            errors[communicator.Rank] = Record.Exception(() => communicator.AllReduce(new float[1024].AsSpan(), ReduceOp.Sum, Hasty));
        });
        foreach (Exception? error in errors)
        {
            var fault = Assert.IsType<CommunicatorFaultException>(error);
            Assert.Equal((Error.Timeout, 1, 2UL, 4096UL), (fault.Reason, fault.Peer, fault.Sequence, fault.ByteCount));
            Assert.Equal("#2 AllReduce(Float32, Sum, 1024 elements = 4 KiB)", fault.Operation);
            Assert.Equal(errors[0]!.Message, fault.Message);
            Assert.Matches(@"Rank 1 never entered #2 AllReduce\(.*\); it has been in its own code for [0-9.]+ s since #1 Broadcast\(Int32, 3 elements = 12 bytes, root 0\)\.", fault.Message);
            Assert.InRange(fault.When!.Value, before, DateTimeOffset.UtcNow);
            Assert.Equal([RankActivity.Running, RankActivity.OwnCode, RankActivity.Running], fault.RankStates.Select(state => state.Activity));
            Assert.Equal([2UL, 1UL, 2UL], fault.RankStates.Select(state => state.LastEntered));
            Assert.Equal([1UL, 1UL, 1UL], fault.RankStates.Select(state => state.LastCompleted));
            Assert.Contains("\nRanks 0, 2: in #2 AllReduce(", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Deadline_OfACallThatARankIsNotAtYet_NamesTheCallThatItIsIn()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(3);
        var errors = new Exception?[3];
        group.Run(communicator => errors[communicator.Rank] = Record.Exception(() =>
        {
            if (communicator.Rank == 2)
            {
                Thread.Sleep(1500);
            }

            communicator.Gather<int>(new int[2], communicator.Rank == 1 ? new int[6] : [], 1); // rank 0 gives its part and goes on; rank 1 waits for rank 2
            communicator.Barrier(communicator.Rank == 0 ? Hasty : default);
        }));
        Assert.All(errors, error => Assert.Equal(errors[0]!.Message, Assert.IsType<CommunicatorFaultException>(error).Message));
        Assert.Contains("Rank 1 never entered #2 Barrier; it is in #1 Gather(Int32, 2 elements a rank = 8 bytes, root 1).", errors[0]!.Message, StringComparison.Ordinal);
        Assert.Contains("Rank 2 never entered #2 Barrier; it has been in its own code, and has made no call yet.", errors[0]!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deadline_OfACallWhileARankIsInAnotherCommunicator_NamesThatCall()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2);
        var errors = new Exception?[2];
        group.Run(communicator =>
        {
            using Communicator part = communicator.Split(0, 0)!;
            errors[communicator.Rank] = Record.Exception(() =>
            {
                if (communicator.Rank == 0)
                {
                    communicator.AllReduce(new int[5].AsSpan(), ReduceOp.Sum, Hasty);
                }
                else
                {
                    part.AllReduce(new int[9].AsSpan(), ReduceOp.Max, new OperationOptions { Deadline = TimeSpan.FromSeconds(2) });
                }
            });
        });
        var fault = Assert.IsType<CommunicatorFaultException>(errors[0]);
        Assert.Equal((Error.Timeout, 1), (fault.Reason, fault.Peer));
        Assert.Contains("Rank 1 never entered #1 AllReduce(Int32, Sum, 5 elements = 20 bytes); it is in #1 AllReduce(Int32, Max, 9 elements = 36 bytes) of another communicator", fault.Message, StringComparison.Ordinal);
        Assert.IsType<CommunicatorFaultException>(errors[1]);
    }

    [Fact]
    public void Deadline_OfAReceiveThatNobodySendsTo_NamesTheSender()
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2);
        CommunicatorFaultException fault = Assert.Throws<CommunicatorFaultException>(() => group[0].Receive(new int[5].AsSpan(), 1, Hasty));
        Assert.Equal((Error.Timeout, 1), (fault.Reason, fault.Peer));
        Assert.Contains("Receive(Int32, 5 elements = 20 bytes, from rank 1) was not complete within its deadline on rank 0: it waits for rank 1. Rank 1 has not come to it; it has been in its own code, and has made no call yet.", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>Ranks whose deadlines pass at the same moment throw one verdict, not each its own.</summary>
    [Fact]
    public void Faults_OfSeveralRanksAtOnce_AreOneVerdict()
    {
        for (int repeat = 0; repeat < 20; repeat++)
        {
            using LocalGroup group = Communicator.CreateLocalGroup(4);
            var errors = new Exception?[4];
            using var together = new Barrier(4);
            group.Run(communicator =>
            {
                together.SignalAndWait();
                errors[communicator.Rank] = Record.Exception(() =>
                {
                    if (communicator.Rank % 2 == 0)
                    {
                        communicator.Abort();
                    }

                    communicator.AllReduce(new int[5].AsSpan(), ReduceOp.Sum);
                });
            });
            Assert.All(errors, error => Assert.Equal(errors[0]!.Message, Assert.IsType<CommunicatorFaultException>(error).Message));
        }
    }

    /// <summary>A call that ends by a fault does not keep the progress thread from the calls of other communicators.</summary>
    [Fact]
    public void AllReduceAsync_WhileAnotherCommunicatorsFaultIsSettled_GoesOn()
    {
        using LocalGroup sick = Communicator.CreateLocalGroup(2);
        using LocalGroup sound = Communicator.CreateLocalGroup(2);
        ValueTask late = sick[0].AllReduceAsync(new int[5].AsMemory(), ReduceOp.Sum, Hasty);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        TimeSpan longest = TimeSpan.Zero;
        while (!late.IsCompleted && clock.Elapsed < Deadline.Long)
        {
            TimeSpan start = clock.Elapsed;
            ValueTask one = sound[0].AllReduceAsync(new int[5].AsMemory(), ReduceOp.Sum);
            ValueTask other = sound[1].AllReduceAsync(new int[5].AsMemory(), ReduceOp.Sum);
            Assert.Null(Deadline.Wait(one));
            Assert.Null(Deadline.Wait(other));
            longest = clock.Elapsed - start > longest ? clock.Elapsed - start : longest;
        }

        Assert.Equal(Error.Timeout, Assert.IsType<CommunicatorFaultException>(Deadline.Wait(late)).Reason);
    }
}
