using RdmaCollectives.Memory;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.SharedMemory;

namespace RdmaCollectives.Tests.SharedMemory;

public sealed class ReachabilityTests
{
    [Fact]
    public void WhyNotReachable_OtherHostIdentity_NamesBoth()
    {
        using SharedMemoryTransport here = TransportPair.NewTransport(0, hostId: "host-a");
        using SharedMemoryTransport there = TransportPair.NewTransport(1, hostId: "host-b");
        string? why = here.WhyNotReachable(1, there.Describe());
        Assert.Equal("rank 1 is on another host (host-b, this one is host-a)", why);
    }

    [Fact]
    public void WhyNotReachable_AnotherProcess_SaysSo()
    {
        // Process 1 has no such memfd, or is not ours to look into.
        string? why = Judge(static said => said with { Segment = said.Segment with { ProcessId = 1 } });
        Assert.Contains("its shared memory can't be read: /proc/1/fd/", why, StringComparison.Ordinal);
    }

    [Fact]
    public void WhyNotReachable_ProcessThatEnded_SaysSo()
    {
        string? why = Judge(static said => said with { Segment = said.Segment with { ProcessId = int.MaxValue } });
        Assert.Contains("There is no such process or descriptor here", why, StringComparison.Ordinal);
    }

    [Fact]
    public void WhyNotReachable_OtherNonce_SaysSo()
    {
        string? why = Judge(static said => said with { Nonce = new byte[said.Nonce.Length] });
        Assert.Contains("The nonce in it is another one", why, StringComparison.Ordinal);
    }

    [Fact]
    public void WhyNotReachable_OtherPidNamespace_SaysSo()
    {
        string? why = Judge(static said => said with { PidNamespace = "pid:[1]" });
        Assert.Contains("another PID namespace (pid:[1], this one is pid:[", why, StringComparison.Ordinal);
    }

    [Fact]
    public void WhyNotReachable_OrdinaryFileInsteadOfMemfd_SaysSo()
    {
        using FileStream file = File.OpenRead("/proc/self/maps");
        int descriptor = (int)file.SafeFileHandle.DangerousGetHandle();
        string? why = Judge(said => said with { Segment = said.Segment with { Descriptor = descriptor } });
        Assert.NotNull(why);
    }

    [Fact]
    public void WhyNotReachable_AnyBytesCutOrChanged_IsAReasonOrFine()
    {
        using SharedMemoryTransport here = TransportPair.NewTransport(0);
        using SharedMemoryTransport there = TransportPair.NewTransport(1);
        byte[] said = there.Describe();
        Assert.InRange(said.Length, 1, 4096);
        for (int length = 0; length < said.Length; length++)
        {
            Assert.NotNull(here.WhyNotReachable(1, said.AsSpan(0, length)));
        }

        for (int i = 0; i < said.Length; i++)
        {
            byte[] changed = [.. said];
            changed[i] ^= 0xFF;
            here.WhyNotReachable(1, changed); // a string or null, never an exception
        }
    }

    [Fact]
    public void Complete_OtherSlotSize_IsRefused()
    {
        using SharedMemoryTransport here = TransportPair.NewTransport(0);
        using SharedMemoryTransport there = TransportPair.NewTransport(1, slotBytes: 2 * TransportPair.SlotBytes);
        Assert.Null(here.WhyNotReachable(1, there.Describe()));
        Assert.Null(there.WhyNotReachable(0, here.Describe()));
        using PendingConnection pending = here.BeginConnect(1, 1);
        using PendingConnection other = there.BeginConnect(0, 1);
        var refused = Assert.Throws<CollectiveException>(() => pending.Complete(other.LocalInfo));
        Assert.Equal(Error.Protocol, refused.Error);
        Assert.Contains("4 slots of 1024 bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Complete_OwnSegmentInsteadOfPeers_IsRefused()
    {
        using SharedMemoryTransport here = TransportPair.NewTransport(0);
        using SharedMemoryTransport there = TransportPair.NewTransport(1);
        Assert.Null(here.WhyNotReachable(1, there.Describe()));
        using PendingConnection pending = here.BeginConnect(1, 1);
        var refused = Assert.Throws<CollectiveException>(() => pending.Complete(pending.LocalInfo));
        Assert.Contains("is not the segment of rank 1 for rank 0", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Confirm_NamedSegments_LeavesNoNames()
    {
        using var pair = new TransportPair(SegmentKind.Named);
        string[] mine = File.ReadLines("/proc/self/maps").Where(static line => line.Contains("/dev/shm/rdmacc-", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(mine);
        Assert.All(mine, static line => Assert.EndsWith("(deleted)", line, StringComparison.Ordinal));
    }

    private static string? Judge(Func<RankDescription, RankDescription> change)
    {
        using SharedMemoryTransport here = TransportPair.NewTransport(0, SegmentKind.Memfd);
        using SharedMemoryTransport there = TransportPair.NewTransport(1, SegmentKind.Memfd);
        Assert.Null(here.WhyNotReachable(1, there.Describe()));
        return here.WhyNotReachable(1, change(RankDescription.Read(there.Describe())!).ToBytes());
    }
}
