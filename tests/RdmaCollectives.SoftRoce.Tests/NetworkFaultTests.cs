using System.Diagnostics;
using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>
/// A bad network under the queue pairs, by netem on the switch's ports: right results or a typed fault, never a hang. Loss, delay, reordering and duplicates are the fabric's to mend, so they must not even be
/// faults; an interruption that outlasts the retries is one, on every rank. The control plane goes another way here (loopback) and stays whole. One group for all, as a start is dear under emulation.
/// </summary>
public sealed class NetworkFaultTests(ITestOutputHelper output)
{
    private const int Ranks = 2;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(150);
    private static readonly string[] s_settings = ["loss 1%", "delay 20ms", "delay 2ms reorder 25% 50%", "duplicate 5%"];
    private static readonly string[] s_cases = ["AllReduce/Float32/20000/Sum", "AllGather/Int64/3000", "AllToAllV/Int32/900/seed=3", "SendReceive/UInt8/40000/root=1"];

    [Fact]
    public void Calls_OverABadNetwork_AreExactAndEndInATypedFaultWhenNothingArrives()
    {
        using WorkerGroup group = WorkerGroup.Start("verbs", Ranks, SoftRoceHosts.HostPerRank);
        foreach (string setting in s_settings)
        {
            long start = Stopwatch.GetTimestamp();
            using (new Netem([1, 2], setting))
            {
                foreach (string one in s_cases)
                {
                    Assert.All(group.Tell($"case {one}", Deadline), answer => Assert.Equal($"ok {one}", answer));
                }
            }

            output.WriteLine($"{setting}: {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
        }

        Assert.All(group.Tell("loop 20000", Deadline), answer => Assert.Equal("looping", answer));
        long dark = Stopwatch.GetTimestamp();
        using (new Netem([1, 2], "loss 100%"))
        {
            // The retries of a queue pair run out, which one end notices by itself, and the other is told.
            for (int rank = 0; rank < Ranks; rank++)
            {
                string answer = group.Read(rank, TimeSpan.FromSeconds(30));
                output.WriteLine($"{Stopwatch.GetElapsedTime(dark).TotalSeconds:0.0} s: {answer}");
                Assert.StartsWith("fail CommunicatorFaultException[Transport", answer, StringComparison.Ordinal);
            }

            TimeSpan left = TimeSpan.FromSeconds(10) - Stopwatch.GetElapsedTime(dark);
            Thread.Sleep(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }

        // The network is back, and so are the ranks.
        foreach (string answer in group.Tell("shrink-and-sum 1 20", Deadline))
        {
            Assert.StartsWith($"ok {Ranks} ", answer, StringComparison.Ordinal);
        }
    }
}
