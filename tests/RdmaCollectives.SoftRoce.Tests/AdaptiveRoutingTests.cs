using System.Diagnostics;
using RdmaCollectives.Transports;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>A message's announcement behind its data: a packet more for a large message, none more for one that fits into a request.</summary>
public sealed unsafe class AdaptiveRoutingTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(false, 3000, 1)]
    [InlineData(true, 3000, 2)]
    [InlineData(true, 8, 1)]
    public void Send_OneMessage_TakesSoManyPackets(bool isApart, int byteCount, int packets)
    {
        using TransportPair pair = new(rails: 1, adaptiveRouting: isApart);
        long before = Sent();
        for (byte value = 1; value <= 20; value++)
        {
            byte* slot = pair.ToSecond.TryGetSendSlot();
            Assert.True(slot != null);
            new Span<byte>(slot, byteCount).Fill(value);
            pair.ToSecond.Send(new MessageHeader { Hash = 7, Sequence = value, ByteCount = (uint)byteCount });
            long start = Stopwatch.GetTimestamp();
            byte* payload;
            while (!pair.ToFirst.TryReceive(out _, out payload) || !pair.ToSecond.IsDrained || pair.First.Failure is not null)
            {
                Assert.True(Stopwatch.GetElapsedTime(start) < Deadline, $"Message {value} did not come: {pair.First.Failure?.Message}");
                pair.First.Progress();
                pair.Second.Progress();
            }

            Assert.False(new ReadOnlySpan<byte>(payload, byteCount).ContainsAnyExcept(value));
            pair.ToFirst.Release();
        }

        // Acknowledgements of the receiver's credit lines, one for two messages, are packets too.
        Assert.InRange(Sent() - before, 20 * packets, (20 * packets) + 12);
    }

    private static long Sent()
    {
        Thread.Sleep(50); // the kernel keeps what it last read for 10 ms
        return SoftRoceHosts.SentPackets(1);
    }
}
