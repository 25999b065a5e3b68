using RdmaCollectives.Memory;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.SharedMemory;

namespace RdmaCollectives.Tests.SharedMemory;

/// <summary>What a rank has released rides on its messages, modulo 65,536.</summary>
public sealed class CreditTests
{
    private static readonly MessageHeader s_header = new() { Hash = 1, ByteCount = 8 };

    [Fact]
    public unsafe void Learn_CreditOfAMessage_IsTakenWithoutALookAtTheCount()
    {
        const int slotCount = 4;
        ulong* lines = stackalloc ulong[slotCount * Line.WordCount];
        ulong neverWritten = 0;
        ulong payload = 1;
        var ring = new SendRing<MachineMemory>(lines, &neverWritten, slotCount);
        for (ulong sent = 0; sent < 200_000; sent++) // the credit has 16 bits
        {
            if (sent >= slotCount)
            {
                ring.Learn((ushort)(sent - slotCount)); // known already
                ring.Learn((ushort)(sent - slotCount + 1));
            }

            Assert.True(ring.HasCredit(), "what was learnt counts");
            ring.SendInline(0, 0, (byte*)&payload, sizeof(ulong));
        }

        Assert.False(ring.HasCredit());
    }

    [Fact]
    public unsafe void TryReceive_MessageWithCredit_ConveysWhatWasReleasedAndNoMore()
    {
        using var pair = new TransportPair();
        Connection first = pair.Connection(0), second = pair.Connection(1);
        ulong value = 7;
        for (int round = 0; round < 70_000; round++) // the credit has 16 bits
        {
            int released = round % TransportPair.SlotCount;
            for (int i = 0; i < TransportPair.SlotCount; i++)
            {
                Assert.True(first.TrySendCopy(s_header, (byte*)&value));
            }

            Take(second, released);
            Assert.True(second.TrySendCopy(s_header, (byte*)&value));
            Take(first, 1);
            for (int i = 0; i < released; i++)
            {
                Assert.True(first.TrySendCopy(s_header, (byte*)&value));
            }

            Assert.False(first.TrySendCopy(s_header, (byte*)&value), "no more was released");
            Take(second, TransportPair.SlotCount);
        }

        static void Take(Connection connection, int count)
        {
            for (int i = 0; i < count; i++)
            {
                Assert.True(connection.TryReceive(out _, out _));
                connection.Release();
            }
        }
    }
}
