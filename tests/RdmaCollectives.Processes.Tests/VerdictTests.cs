using System.Diagnostics;
using System.Globalization;
using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>Ranks that are processes and make calls that do not go together: the same exception on every rank, in a second. And what is told of ranks that stand still.</summary>
public sealed class VerdictTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>What the library promises is a second; as much again and more for a busy machine, which still tells it from a deadline.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(4);

    public static TheoryData<string, string> Calls()
    {
        var data = new TheoryData<string, string>();
        foreach (string transport in (string[])["shm", "tcp"])
        {
            data.Add(transport, "call broadcast 0 7|call broadcast 1 7"); // both root: found by the barrier behind it
            data.Add(transport, "call broadcast 1 7|call broadcast 0 7"); // both leaf
            data.Add(transport, "call broadcast 1 7|call broadcast 2 7|call broadcast 0 7");
            data.Add(transport, "call send 1 3000000|call receive 2 7|call receive 0 7"); // a send to one who receives from another
            data.Add(transport, "call receive 1 7|call receive 2 7|call receive 0 7");
            data.Add(transport, "call receive 1 7|call receive 0 7");
            data.Add(transport, "call barrier 0 0|call broadcast 0 7|call broadcast 0 7");
            data.Add(transport, "call receive-any 0 7|call receive-any 0 7");
            data.Add(transport, "call all-reduce 0 7|call all-reduce 0 8");
            data.Add(transport, "call all-reduce 0 7|call maximum 0 7|call all-reduce 0 7");
            data.Add(transport, "call all-reduce 0 7|call integers 0 7|call all-reduce 0 7");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void Calls_ThatDoNotGoTogether_AreOneMismatchOnEveryRankSoon(string transport, string calls)
    {
        string[] commands = calls.Split('|');
        for (int attempt = 1; ; attempt++)
        {
            using WorkerGroup group = WorkerGroup.Start(transport, commands.Length);
            long start = Stopwatch.GetTimestamp();
            string[] answers = group.Tell(rank => commands[rank], Deadline);
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            Assert.All(answers, answer => Assert.StartsWith("fail CollectiveMismatchException[Mismatch", answer, StringComparison.Ordinal));
            bool isOneVerdict = Array.TrueForAll(answers, answer => string.Equals(answer, answers[0], StringComparison.Ordinal)); // unless processes are so starved that they do not answer within the inquest's half a second
            if ((took < Soon && isOneVerdict) || attempt == 3)
            {
                Assert.All(answers, answer => Assert.Equal(answers[0], answer));
                Assert.True(took < Soon, $"It took {took} at the best of three attempts (a busy machine gets some).");
                return;
            }
        }
    }

    /// <summary>A process that stands still says nothing. The others end all the same, and say that it did not.</summary>
    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void Abort_WhileAProcessStandsStill_EndsTheOthers(string transport)
    {
        using WorkerGroup group = WorkerGroup.Start(transport, 3);
        group.Send(0, "mismatch 100");
        group.Send(2, "mismatch 100");
        Thread.Sleep(300);
        Signal(group.ProcessId(2), "STOP");
        Thread.Sleep(100);
        group.Send(1, "abort");
        string answer = group.Read(0, Soon);
        Assert.StartsWith("fail CommunicatorFaultException[Aborted, rank 1, peer 1]: Rank 1 aborted the communicator.", answer, StringComparison.Ordinal);
        Assert.Contains("rank 2: did not answer", answer, StringComparison.Ordinal);
        Signal(group.ProcessId(2), "CONT");
        Assert.StartsWith("fail CommunicatorFaultException[Aborted", group.Read(2, Deadline), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void Deadline_OfALateProcess_NamesItOnEveryRank(string transport)
    {
        using WorkerGroup group = WorkerGroup.Start(transport, 3, rank => rank == 0 ? [("RDMACC_TIMEOUT", "1")] : []);
        group.Send(1, "sleep 5000");
        group.Send(2, "mismatch 10");
        Thread.Sleep(1000); // so that it is there, on a busy machine too
        group.Send(0, "mismatch 10");
        string answer = group.Read(0, Deadline);
        Assert.StartsWith("fail CommunicatorFaultException[Timeout, rank 0, peer 1]", answer, StringComparison.Ordinal);
        Assert.Contains("Rank 1 never entered #1 AllReduce(Int32, Sum, 10 elements = 40 bytes)", answer, StringComparison.Ordinal);
        Assert.Equal(answer, group.Read(2, Deadline));
        Assert.StartsWith("ok", group.Read(1, Deadline), StringComparison.Ordinal);
        Assert.Equal(answer, group.Tell("mismatch 10", Deadline)[1]);
    }

    private static void Signal(int process, string signal)
    {
        using Process kill = Process.Start("kill", ["-" + signal, process.ToString(CultureInfo.InvariantCulture)]);
        Assert.True(kill.WaitForExit(Deadline) && kill.ExitCode == 0);
    }
}
