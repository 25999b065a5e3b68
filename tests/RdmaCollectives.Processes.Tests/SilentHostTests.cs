using System.Diagnostics;
using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>A host whose packets all vanish, with no connection closed: what a pulled cable or a host without power looks like to the others.</summary>
public sealed class SilentHostTests(ITestOutputHelper output)
{
    private const int Ranks = 4; // 0 and 1 on one host, 2 and 3 on the other
    private const int HostTimeout = 3;

    /// <summary>Beyond the time-out: keep-alive asks once a second at the shortest, and TCP looks at its own time when it sends again.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(HostTimeout + 5);

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>Also where nobody is in a call when it happens: what is noticed then, the next call throws at once.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [InlineData(true, true)]
    public void Cut_ForGood_IsASuspicionOnEveryRankAndTheHalfWithRankZeroGoesOn(bool isInCall, bool isDown = false)
    {
        Assert.SkipWhen(TwoHosts.WhyNot() is not null, TwoHosts.WhyNot() ?? "");
        using var hosts = new TwoHosts();
        using WorkerGroup group = Start(hosts, HostTimeout);
        if (isInCall)
        {
            Assert.All(group.Tell("loop 1000", Deadline), answer => Assert.Equal("looping", answer));
        }
        else
        {
            Assert.All(group.Tell("mismatch 100", Deadline), answer => Assert.StartsWith("ok", answer, StringComparison.Ordinal));
        }

        long dark = Stopwatch.GetTimestamp();
        if (isDown)
        {
            hosts.TakeDown();
        }
        else
        {
            hosts.Cut();
        }

        if (!isInCall)
        {
            Thread.Sleep(Bound);
            dark = Stopwatch.GetTimestamp();
            for (int rank = 0; rank < Ranks; rank++)
            {
                group.Send(rank, "mismatch 100");
            }
        }

        for (int rank = 0; rank < Ranks; rank++)
        {
            string answer = group.Read(rank, Deadline);
            TimeSpan took = Stopwatch.GetElapsedTime(dark);
            output.WriteLine($"{took.TotalSeconds:0.0} s: rank {rank} {answer}");
            Assert.StartsWith("fail CommunicatorFaultException[PeerDied, ", answer, StringComparison.Ordinal);
            Assert.Matches(rank < 2 ? @"^[^:]*, peer [23]\]" : @"^[^:]*, peer [01]\]", answer);
            Assert.Contains("It may still run", answer, StringComparison.Ordinal);
            Assert.True(took < (isInCall ? Bound : TimeSpan.FromSeconds(2)), $"rank {rank} after {took}");
        }

        group.Send(0, "shrink-and-sum 1 20");
        group.Send(1, "shrink-and-sum 1 20");
        Assert.Equal("ok 2 2", group.Read(0, Deadline));
        Assert.Equal("ok 2 2", group.Read(1, Deadline));
    }

    /// <summary>TCP sends again after 0.2, 0.6, 1.4 and 3 s, so that with a time-out of 6 s it has the time for once more after two.</summary>
    [Fact]
    public void Cut_ForLessThanTheHostTimeout_IsNoFault()
    {
        Assert.SkipWhen(TwoHosts.WhyNot() is not null, TwoHosts.WhyNot() ?? "");
        using var hosts = new TwoHosts();
        using WorkerGroup group = Start(hosts, 2 * HostTimeout);
        foreach (bool isInCall in (bool[])[true, false])
        {
            Assert.All(group.Tell("mismatch 100", Deadline), answer => Assert.StartsWith("ok", answer, StringComparison.Ordinal));
            long dark = Stopwatch.GetTimestamp();
            hosts.Cut();
            for (int rank = 0; isInCall && rank < Ranks; rank++)
            {
                group.Send(rank, "mismatch 100000");
            }

            Thread.Sleep(1500);
            hosts.Mend();
            output.WriteLine($"dark for {Stopwatch.GetElapsedTime(dark).TotalSeconds:0.0} s");
            for (int rank = 0; isInCall && rank < Ranks; rank++)
            {
                Assert.StartsWith("ok", group.Read(rank, Deadline), StringComparison.Ordinal);
            }
        }

        Assert.All(group.Tell("mismatch 100", Deadline), answer => Assert.StartsWith("ok", answer, StringComparison.Ordinal));
    }

    private static WorkerGroup Start(TwoHosts hosts, int hostTimeout) => WorkerGroup.Start(
        "tcp",
        Ranks,
        rank => [("RDMACC_RENDEZVOUS", $"{TwoHosts.Address(0)}:29555"), ("RDMACC_HOST_RENDEZVOUS", "1"), ("RDMACC_HOST_ID", $"host{rank / 2}"), ("RDMACC_HOST_TIMEOUT", $"{hostTimeout}")],
        rank => hosts.Starter(rank / 2));
}
