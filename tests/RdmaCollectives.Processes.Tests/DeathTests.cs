using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>What is a death and what is none, between real processes: forked children, stopped processes, a rendezvous that goes.</summary>
public sealed class DeathTests
{
    /// <summary>The bound that the issue names for shm and tcp.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void Kill_WhileAForkedChildHoldsItsSockets_IsADeath(string transport)
    {
        using WorkerGroup group = WorkerGroup.Start(transport, 3);
        group.Send(1, "fork");
        string answer = group.Read(1, Deadline);
        using var child = Process.GetProcessById(int.Parse(answer[3..], CultureInfo.InvariantCulture));
        try
        {
            foreach (int rank in (int[])[0, 2])
            {
                group.Send(rank, "mismatch 100"); // waits for rank 1
            }

            Thread.Sleep(200);
            group.Kill(1);
            foreach (int rank in (int[])[0, 2])
            {
                answer = group.Read(rank, Bound);
                Assert.StartsWith("fail CommunicatorFaultException[PeerDied", answer, StringComparison.Ordinal);
                Assert.Contains("peer 1]", answer, StringComparison.Ordinal);
                Assert.Contains("its process ended without a goodbye", answer, StringComparison.Ordinal);
            }

            Assert.False(child.HasExited); // and held them all the time
        }
        finally
        {
            child.Kill();
        }
    }

    /// <summary>Longer than the host's time-out. In a namespace of its own the process is not watched, so that it is the connections that bear it.</summary>
    [Theory]
    [InlineData("shm", false)]
    [InlineData("tcp", true)]
    public void Stop_LongerThanTheHostTimeout_IsNoFault(string transport, bool isUnwatched)
    {
        Assert.SkipUnless(!isUnwatched || CanUnshare(), "a namespace of processes needs privileges: run as root, or allow user namespaces");
        using WorkerGroup group = WorkerGroup.Start(transport, 3, _ => [("RDMACC_HOST_TIMEOUT", "2")], rank => isUnwatched && rank == 1 ? ["unshare", "--pid", "--fork"] : []);
        int stopped = isUnwatched ? ChildOf(group.ProcessId(1)) : group.ProcessId(1);
        Assert.All(group.Tell("mismatch 100", Deadline), answer => Assert.StartsWith("ok", answer, StringComparison.Ordinal));
        Signal(stopped, "STOP");
        group.Send(0, "mismatch 1000");
        group.Send(2, "mismatch 1000");
        Thread.Sleep(6000);
        Signal(stopped, "CONT");
        group.Send(1, "mismatch 1000");
        for (int rank = 0; rank < 3; rank++)
        {
            Assert.StartsWith("ok", group.Read(rank, Deadline), StringComparison.Ordinal);
        }

        Assert.All(group.Tell("mismatch 100", Deadline), answer => Assert.StartsWith("ok", answer, StringComparison.Ordinal));
        if (isUnwatched) // its death is seen by the end of its connections
        {
            Signal(stopped, "KILL");
            group.Send(0, "mismatch 100");
            Assert.StartsWith("fail CommunicatorFaultException[PeerDied", group.Read(0, Bound), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Stop_LongerThanTheDeadlineOfTheCall_IsATimeout()
    {
        using WorkerGroup group = WorkerGroup.Start("tcp", 2, _ => [("RDMACC_TIMEOUT", "1")]);
        Signal(group.ProcessId(1), "STOP");
        group.Send(0, "mismatch 100");
        string answer = group.Read(0, Deadline);
        Signal(group.ProcessId(1), "CONT");
        Assert.StartsWith("fail CommunicatorFaultException[Timeout", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Abort_WhileTheRendezvousHostAndAllPeersStandStill_ReturnsAtOnceAndEndsThemWhenTheyGoOn()
    {
        string port = FreePort().ToString(CultureInfo.InvariantCulture);
        using WorkerGroup group = WorkerGroup.Start("tcp", 3, _ => [("RDMACC_RENDEZVOUS", "127.0.0.1:" + port), ("RDMACC_HOST_RENDEZVOUS", "1")]);
        group.Send(0, "mismatch 100");
        group.Send(1, "mismatch 100");
        Thread.Sleep(300);
        Signal(group.ProcessId(0), "STOP");
        Signal(group.ProcessId(1), "STOP");
        long start = Stopwatch.GetTimestamp();
        group.Send(2, "abort");
        Assert.StartsWith("ok", group.Read(2, TimeSpan.FromSeconds(1)), StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1));
        Thread.Sleep(500);
        foreach (int rank in (int[])[1, 0]) // the rank that hosts the rendezvous goes on last: the other one must not need it
        {
            Signal(group.ProcessId(rank), "CONT");
            Assert.StartsWith("fail CommunicatorFaultException[Aborted", group.Read(rank, TimeSpan.FromSeconds(1)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Kill_OfRankZeroThatHosted_IsItsDeathAloneAndPartsWithoutItGoOn()
    {
        string port = FreePort().ToString(CultureInfo.InvariantCulture);
        using WorkerGroup group = WorkerGroup.Start("tcp", 4, _ => [("RDMACC_RENDEZVOUS", "127.0.0.1:" + port), ("RDMACC_HOST_RENDEZVOUS", "1")]);
        group.Tell(rank => $"split half world {rank / 2} {rank}", Deadline);
        group.Kill(0);
        foreach (int rank in (int[])[2, 3])
        {
            group.Send(rank, "sum world 1");
        }

        foreach (int rank in (int[])[2, 3])
        {
            Assert.StartsWith("fail CommunicatorFaultException[PeerDied", group.Read(rank, Bound), StringComparison.Ordinal);
            group.Send(rank, "sum half 21");
        }

        foreach (int rank in (int[])[2, 3])
        {
            Assert.Equal("ok 42", group.Read(rank, Deadline));
        }
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private static void Signal(int process, string signal) => Run("kill", $"-{signal}", process.ToString(CultureInfo.InvariantCulture));

    private static bool CanUnshare() => Run("unshare", "--pid", "--fork", "true") == 0;

    private static int ChildOf(int process) =>
        int.Parse(File.ReadAllText($"/proc/{process}/task/{process}/children").Trim(), CultureInfo.InvariantCulture);

    private static int Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
