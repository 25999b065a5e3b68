using System.Diagnostics;
using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>
/// A bad network under the queue pairs, by netem on the switch's ports: right results or a typed fault, never a hang. Loss, delay and reordering are the fabric's to mend, so they must not even be faults; an
/// interruption that outlasts the retries is one, on every rank. The control plane goes another way here (loopback) and stays whole.
/// </summary>
public sealed class NetworkFaultTests
{
    private const int Ranks = 2;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(150);
    private static readonly string[] s_cases = ["AllReduce/Float32/20000/Sum", "AllGather/Int64/3000", "AllToAllV/Int32/900/seed=3", "SendReceive/UInt8/40000/root=1", "AllReduce/Int32/1/Max"];

    [Theory]
    [InlineData("loss 1%")]
    [InlineData("delay 20ms")]
    [InlineData("delay 2ms reorder 25% 50%")]
    [InlineData("duplicate 5%")]
    public void Calls_OverABadNetwork_AreExact(string netem)
    {
        using WorkerGroup group = WorkerGroup.Start("verbs", Ranks, SoftRoceHosts.HostPerRank);
        using var network = new Netem(Ranks, netem);
        foreach (string one in s_cases)
        {
            Assert.All(group.Tell($"case {one}", Deadline), answer => Assert.Equal($"ok {one}", answer));
        }
    }

    [Theory]
    [InlineData(600, false)]
    [InlineData(10_000, true)]
    public void Calls_WhileNothingArrives_GoOnOrEndInATypedFaultOnEveryRank(int milliseconds, bool isFault)
    {
        using WorkerGroup group = WorkerGroup.Start("verbs", Ranks, SoftRoceHosts.HostPerRank);
        Assert.All(group.Tell("loop 20000", Deadline), answer => Assert.Equal("looping", answer));
        long start = Stopwatch.GetTimestamp();
        using (new Netem(Ranks, "loss 100%"))
        {
            Thread.Sleep(milliseconds);
        }

        for (int rank = 0; rank < Ranks; rank++)
        {
            if (isFault)
            {
                // The retries of the queue pair ran out, which one end notices by itself, and the other is told.
                string answer = group.Read(rank, TimeSpan.FromSeconds(30));
                Assert.StartsWith("fail CommunicatorFaultException[Transport", answer, StringComparison.Ordinal);
            }
            else
            {
                // It loops on: the loop ends of itself only when a result is wrong, or by a fault.
                TimeoutException silent = Assert.Throws<TimeoutException>(() => group.Read(rank, TimeSpan.FromSeconds(3)));
                Assert.Contains($"Rank {rank}", silent.Message, StringComparison.Ordinal);
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
    }

    /// <summary>A setting of netem for the packets to every host, until it is disposed.</summary>
    private sealed class Netem : IDisposable
    {
        private readonly int _hosts;

        public Netem(int hosts, string setting)
        {
            _hosts = hosts;
            for (int host = 1; host <= hosts; host++)
            {
                Run($"impair {host} 0 {setting}");
            }
        }

        public void Dispose()
        {
            for (int host = 1; host <= _hosts; host++)
            {
                Run($"heal {host} 0");
            }
        }

        private static void Run(string arguments)
        {
            string script = Path.Combine(Environment.GetEnvironmentVariable("RDMACC_SOFTROCE_DIR")!, "guest", "hosts.sh");
            using Process process = Process.Start(script, arguments.Split(' '));
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }
    }
}
