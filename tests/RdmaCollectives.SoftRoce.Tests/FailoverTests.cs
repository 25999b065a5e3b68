using System.Diagnostics;
using RdmaCollectives.Testing;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.Rdma;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>
/// Rails that go and come back under two ranks with two rails each: no call fails, none is wrong, and traffic is back where it belongs soon after a rail is. The control plane goes another way (loopback).
/// One group for all, as a start is dear under emulation.
/// </summary>
public sealed unsafe class FailoverTests(ITestOutputHelper output) : IDisposable
{
    private const string Case = "AllReduce/Float32/300000/Sum/allocated"; // so that results are written into outputs too

    /// <summary>A call sends 1.2 MB, half of it over each rail, in packets of 4 KiB.</summary>
    private const long LeastPackets = 100;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>Retries of a queue pair run for up to four seconds before it gives up; a move takes milliseconds.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    /// <summary>Nothing is left of what failed, nor of what did not.</summary>
    public void Dispose() => Footprint.AwaitNone();

    [Fact]
    public void Calls_WhileRailsGoAndComeBack_AreExactAndInTheEndOneTypedFault()
    {
        using RemovableInterface second = new(host: 1, rail: 1);
        using WorkerGroup group = WorkerGroup.Start("verbs", 2, rank =>
        [
            ("RDMACC_HOST_ID", $"host{rank + 1}"),
            ("RDMACC_DEVICE", $"{SoftRoceHosts.Device(rank + 1)},{SoftRoceHosts.Device(rank + 1, rail: 1)}"),
            ("RDMACC_SPIN", "0"),
        ]);
        Check(group, "both rails");

        using (new PulledCable(host: 1, rail: 1))
        {
            Check(group, "rail 1 of host 1 down");
            long before = SoftRoceHosts.SentPackets(2, rail: 1);
            Check(group, "the same, again");
            Assert.Equal(before, SoftRoceHosts.SentPackets(2, rail: 1));
        }

        AwaitTraffic(group, rail: 1);

        // The port does not tell: it is up, and nothing comes through. The queue pair's retries do.
        using (new Netem([1, 2], "loss 100%", rail: 1))
        {
            Check(group, "rail 1 loses everything");
        }

        AwaitTraffic(group, rail: 1);

        // In the middle of calls, at either end, and a rank that sleeps in its program meanwhile.
        for (int turn = 0; turn < 4; turn++)
        {
            group.Send(0, $"case {Case}");
            group.Send(1, turn % 2 == 0 ? $"case {Case}" : "sleep 300");
            Thread.Sleep(50 * turn);
            using (new PulledCable(host: 1 + (turn % 2), rail: turn / 2))
            {
                if (turn % 2 == 1)
                {
                    Assert.Equal("ok 300", group.Read(1, Bound));
                    group.Send(1, $"case {Case}");
                }

                Assert.StartsWith("ok ", group.Read(0, Bound), StringComparison.Ordinal);
                Assert.StartsWith("ok ", group.Read(1, Bound), StringComparison.Ordinal);
            }
        }

        // Not the cable, but the device: it goes with the interface under it, and does not come back for this group.
        AwaitTraffic(group, rail: 1);
        second.Remove();
        Check(group, "the device of rail 1 of host 1 is removed");
        Check(group, "the same, again");

        using PulledCable first = new(host: 1, rail: 0);
        long dark = Stopwatch.GetTimestamp();
        foreach (string answer in group.Tell($"case {Case}", Bound))
        {
            output.WriteLine($"neither, {Stopwatch.GetElapsedTime(dark).TotalSeconds:0.0} s: {answer}");
            Assert.StartsWith("fail CommunicatorFaultException[Transport", answer, StringComparison.Ordinal);
            Assert.Contains("no other rail is up at both ends", answer, StringComparison.Ordinal);
            Assert.Contains("rxe1r0 port 1 GID index 1 10.88.0.1 said: the port went down (IBV_EVENT_PORT_ERR)", answer, StringComparison.Ordinal); // whichever end was first
            Assert.Contains("rxe1r1 port 1 GID index 1 10.88.1.1 said: ", answer, StringComparison.Ordinal); // the device that was removed
        }

        // The ranks live on, and have nothing of RDMA any more: the device that was removed can be made anew only when nobody has it open.
        Assert.All(group.Tell("dispose world", Deadline), answer => Assert.StartsWith("ok", answer, StringComparison.Ordinal));
        second.Dispose();
        Footprint.AwaitNone();
    }

    /// <summary>The sender has handed its message over and is in no call: nobody there polls. Its thread for the rails sees that the message is lost, and sends it again.</summary>
    [Fact]
    public void Message_LostWhileItsSenderComputes_ArrivesByTheOtherRail()
    {
        using TransportPair pair = new(rails: 2);
        using (new Netem([2], "loss 100%"))
        {
            Send(pair.ToSecond, 7);
            Assert.Equal(7, Receive(pair));
        }

        AwaitDrained(pair);
    }

    /// <summary>The message has arrived, its acknowledgement was lost, and the receiver is in no call: the answer to the question what has arrived comes from its thread for the rails, and nothing is sent twice.</summary>
    [Fact]
    public void Acknowledgement_LostWhileTheReceiverComputes_IsReplacedByTheAnswer()
    {
        using TransportPair pair = new(rails: 2);
        Send(pair.ToSecond, 1);
        Assert.Equal(1, Receive(pair));
        AwaitDrained(pair);
        using (new Netem([1], "loss 100%"))
        {
            Send(pair.ToSecond, 2);
            Assert.Equal(2, Receive(pair));
            AwaitDrained(pair);
        }

        Send(pair.ToSecond, 3);
        Assert.Equal(3, Receive(pair)); // and not 2 again
    }

    /// <summary>What the thread for the rails does not expect is the fault of the connection that it was about to move: nobody waits for a path that never comes, and the process goes on.</summary>
    [Fact]
    public void Message_LostWhereNothingCanBeMovedAnyMore_IsAFaultThatSaysWhy()
    {
        using FaultyLoggers loggers = new();
        using TransportPair pair = new(rails: 2, loggers: loggers);
        using (new Netem([2], "loss 100%"))
        {
            Send(pair.ToSecond, 7);
            var connection = (RdmaConnection)pair.ToSecond;
            Assert.True(SpinWait.SpinUntil(() => connection.HasFailed, Bound), $"No fault within {Bound.TotalSeconds:0} s.");
        }

        Assert.False(pair.ToSecond.TryReceive(out _, out _)); // the rank needs the connection again
        output.WriteLine($"{pair.First.Failure}");
        Assert.Contains(FaultyLoggers.Reason, $"{pair.First.Failure}", StringComparison.Ordinal);
    }

    private static void Send(Connection to, byte value)
    {
        byte* slot = to.TryGetSendSlot();
        Assert.True(slot != null);
        *slot = value;
        to.Send(new MessageHeader { Hash = 7, Sequence = value, ByteCount = 1 });
    }

    private static byte Receive(TransportPair pair)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Bound)
        {
            pair.Second.Progress();
            if (pair.ToFirst.TryReceive(out MessageHeader header, out byte* payload))
            {
                byte value = *payload;
                Assert.Equal(value, header.Sequence);
                pair.ToFirst.Release();
                return value;
            }

            Thread.Sleep(1);
        }

        throw new TimeoutException($"No message within {Bound.TotalSeconds:0} s. Failure: {pair.Second.Failure}; {pair.First.Failure}");
    }

    // Neither rank polls.
    private static void AwaitDrained(TransportPair pair)
    {
        var connection = (RdmaConnection)pair.ToSecond;
        Assert.True(SpinWait.SpinUntil(() => connection.IsQuiet, Bound), $"Not acknowledged within {Bound.TotalSeconds:0} s.");
        Assert.False(connection.HasFailed);
    }

    private void Check(WorkerGroup group, string what)
    {
        long start = Stopwatch.GetTimestamp();
        Assert.All(group.Tell($"case {Case}", Bound), answer => Assert.True(answer == $"ok {Case}", $"{what}: {answer}"));
        output.WriteLine($"{what}: {Stopwatch.GetElapsedTime(start).TotalSeconds:0.00} s");
    }

    private void AwaitTraffic(WorkerGroup group, int rail)
    {
        long start = Stopwatch.GetTimestamp();
        long sent = 0;
        while (sent < LeastPackets)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Deadline, $"Rail {rail} is up, and {sent} packets of the last call went over it.");
            sent = -SoftRoceHosts.SentPackets(1, rail);
            Check(group, $"rail {rail} is back");
            sent += SoftRoceHosts.SentPackets(1, rail);
        }

        output.WriteLine($"traffic on rail {rail} again after {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
    }
}
