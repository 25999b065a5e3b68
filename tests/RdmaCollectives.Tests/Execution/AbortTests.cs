using System.Diagnostics;

namespace RdmaCollectives.Tests.Execution;

/// <summary>An abort ends what runs on every rank within a second, whatever that is.</summary>
public sealed class AbortTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);

    private static readonly CommunicatorOptions Options = new() { ChunkBytes = 4096, Timeout = TimeSpan.FromMinutes(5) };

    public static TheoryData<string> States() => ["asleep", "just begun", "point to point", "split", "queue", "own code"];

    [Theory]
    [MemberData(nameof(States))]
    public void Abort_WhileOthersAre_EndsThemWithinASecond(string state)
    {
        Retry(() =>
        {
            using LocalGroup group = Communicator.CreateLocalGroup(3, Options);
            Task<Exception?>[] others = [Begin(group[1], state), Begin(group[2], state)];
            Thread.Sleep(state == "just begun" ? 0 : 300);
            long start = Stopwatch.GetTimestamp();
            group[0].Abort();
            Exception?[] errors = [.. others.Select(Deadline.Wait)];
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            Assert.All(errors, error => Assert.Equal(Error.Aborted, Assert.IsType<CommunicatorFaultException>(error).Reason));
            Assert.All(errors, error => Assert.StartsWith("Rank 0 aborted the communicator.\n", error!.Message, StringComparison.Ordinal));
            return took;
        });
    }

    [Fact]
    public void Abort_WhileThisRankIsInACallOnAnotherThread_EndsIt() => Retry(() =>
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        Task<Exception?> stuck = Deadline.Start(() => group[0].Barrier());
        Thread.Sleep(300);
        long start = Stopwatch.GetTimestamp();
        group[0].Abort();
        Assert.Equal(Error.Aborted, Assert.IsType<CommunicatorFaultException>(Deadline.Wait(stuck)).Reason);
        return Stopwatch.GetElapsedTime(start);
    });

    /// <summary>Disposing waits for the running call up to the deadline of 5 minutes; an abort, by this rank or another, ends that too.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Abort_WhileDisposeWaitsForACall_EndsBoth(int aborter) => Retry(() =>
    {
        using LocalGroup group = Communicator.CreateLocalGroup(2, Options);
        Task<Exception?> stuck = Deadline.Start(() => group[0].Barrier());
        Thread.Sleep(100);
        Task<Exception?> disposing = Deadline.Start(group[0].Dispose);
        Thread.Sleep(200);
        Assert.False(disposing.IsCompleted);
        long start = Stopwatch.GetTimestamp();
        group[aborter].Abort();
        Assert.Equal(Error.Aborted, Assert.IsType<CommunicatorFaultException>(Deadline.Wait(stuck)).Reason);
        Assert.Null(Deadline.Wait(disposing));
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        group[0].Abort(); // disposed: nothing
        return took;
    });

    /// <summary>A reducer cannot be interrupted. The other ranks do not wait for it, and its own rank ends when it returns.</summary>
    [Fact]
    public void Abort_WhileARankIsInItsReducer_EndsTheOthersAtOnceAndThatOneAfterwards() => Retry(() =>
    {
        using LocalGroup group = Communicator.CreateLocalGroup(3, Options);
        using var inside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        ScriptedReducer blocking = ScriptedReducer.Of(() =>
        {
            inside.Set();
            goOn.Wait(Deadline.Long);
        });
        ScriptedReducer other = ScriptedReducer.Of(() => { });
        var options = new OperationOptions { Algorithm = "ring" }; // in which every rank reduces
        Task<Exception?> stuck = Deadline.Start(() => group[1].AllReduce(new int[300].AsSpan(), blocking, options));
        Task<Exception?> waiting = Deadline.Start(() => group[2].AllReduce(new int[300].AsSpan(), other, options));
        Task<Exception?> alsoWaiting = Deadline.Start(() => group[0].AllReduce(new int[300].AsSpan(), other, options));
        Assert.True(inside.Wait(Deadline.Long));
        long start = Stopwatch.GetTimestamp();
        group[0].Abort();
        Assert.Equal(Error.Aborted, Assert.IsType<CommunicatorFaultException>(Deadline.Wait(waiting)).Reason);
        Assert.Equal(Error.Aborted, Assert.IsType<CommunicatorFaultException>(Deadline.Wait(alsoWaiting)).Reason);
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        Assert.False(stuck.IsCompleted);
        goOn.Set();
        Assert.Equal(Error.Aborted, Assert.IsType<CommunicatorFaultException>(Deadline.Wait(stuck)).Reason);
        return took;
    });

    private static Task<Exception?> Begin(Communicator communicator, string state) => Deadline.Start(() =>
    {
        switch (state)
        {
            case "point to point":
                communicator.ReceiveAny(new int[5].AsSpan());
                break;
            case "split":
                communicator.Split(0, 0)?.Dispose();
                break;
            case "queue":
                ValueTask[] queued = [.. Enumerable.Range(0, 2000).Select(_ => communicator.BarrierAsync())];
                Exception?[] errors = [.. queued.Select(Deadline.Wait)];
                Assert.All(errors, error => Assert.Equal(errors[0]!.Message, error!.Message));
                throw errors[0]!;
            case "own code":
                Thread.Sleep(400);
                communicator.Barrier();
                break;
            default:
                communicator.Barrier();
                break;
        }
    });

    // The bound is the library's own; a machine with other work gets three attempts to keep it.
    private static void Retry(Func<TimeSpan> attempt)
    {
        TimeSpan took = attempt();
        for (int more = 0; more < 2 && took >= Bound; more++)
        {
            took = attempt();
        }

        Assert.True(took < Bound, $"It took {took} at the best of three attempts.");
    }
}
