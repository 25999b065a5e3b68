using System.Diagnostics;
using RdmaCollectives.Transports;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>A device that is removed under two transports with one rail: both get a failure that names it, and why; the process goes on. With two rails: FailoverTests.</summary>
public sealed unsafe class RemovedDeviceTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Retries of a queue pair run for up to four seconds.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    /// <summary>Nothing is left of what failed, nor of what did not.</summary>
    public void Dispose() => Footprint.AwaitNone();

    [Fact]
    public void Send_WhereTheDeviceOfOneEndIsRemoved_FailsAtBothEndsWithDeviceAddressAndCause()
    {
        using (RemovableInterface second = new(host: 2, rail: 0))
        {
            using TransportPair pair = new(rails: 1);
            second.Remove();
            string there = AwaitFailure(pair.Second, pair.ToFirst);
            string here = AwaitFailure(pair.First, pair.ToSecond);
            output.WriteLine(there);
            output.WriteLine(here);

            Assert.Contains("of rxe2r0 port 1 GID index 1 10.88.0.2 to rank 0 (queue pair ", there, StringComparison.Ordinal);
            Assert.Contains("Before that rxe2r0 port 1 GID index 1 10.88.0.2 said: ", there, StringComparison.Ordinal);
            Assert.Contains("IBV_EVENT_", there, StringComparison.Ordinal);
            Assert.Contains("of rxe1r0 port 1 GID index 1 10.88.0.1 to rank 1 (queue pair ", here, StringComparison.Ordinal);
            Assert.Contains("at 10.88.0.2) failed: no acknowledgement after all retries (completion status 12, IBV_WC_RETRY_EXC_ERR", here, StringComparison.Ordinal);
            Assert.DoesNotContain("said: ", here, StringComparison.Ordinal); // its own device has nothing to say
        }

        using TransportPair again = new(rails: 1); // the device is back, and this process can use it
        Send(again.ToSecond);
        Assert.True(SpinWait.SpinUntil(() => Arrived(again), Bound), "Nothing arrives over the device that is back.");
    }

    private static bool Arrived(TransportPair pair)
    {
        pair.First.Progress();
        pair.Second.Progress();
        return pair.ToFirst.TryReceive(out _, out _);
    }

    private static string AwaitFailure(Transport transport, Connection to)
    {
        Send(to);
        long start = Stopwatch.GetTimestamp();
        while (transport.Failure is null)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Bound, $"No failure within {Bound.TotalSeconds:0} s.");
            transport.Progress();
            to.TryReceive(out _, out _);
            Thread.Sleep(1);
        }

        return $"{transport.Failure}";
    }

    private static void Send(Connection to)
    {
        byte* slot = to.TryGetSendSlot();
        Assert.True(slot != null);
        *slot = 1;
        to.Send(new MessageHeader { Hash = 7, Sequence = 1, ByteCount = 1 });
    }
}
