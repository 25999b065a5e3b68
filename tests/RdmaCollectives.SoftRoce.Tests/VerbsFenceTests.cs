using System.Diagnostics;
using System.Runtime.InteropServices;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.Rdma;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>The fence of the transport itself, where the adapter has work left: two ranks in this process, on two devices.</summary>
public sealed unsafe class VerbsFenceTests(ITestOutputHelper output)
{
    private const int Size = TransportPair.SlotBytes;
    private const byte Sent = 1;
    private const byte FilledAnew = 2;

    /// <summary>More than a queue pair's retries take.</summary>
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(4);

    /// <summary>
    /// A message from user memory was lost on its way: the adapter sends it again from there, and by then that is other data. Without a fence that is seen to arrive, so that the test is known to tell.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fence_WhileAMessageIsLostOnItsWay_MemoryThatIsFilledAnewIsNotSentInItsPlace(bool isFenced)
    {
        byte? arrived = ArrivedAfterALoss(isFenced);
        for (int again = 0; again < 4 && !isFenced && arrived is null; again++)
        {
            arrived = ArrivedAfterALoss(isFenced); // the network was not healed before the retries ran out
        }

        Assert.Equal(isFenced ? null : FilledAnew, arrived);
    }

    private byte? ArrivedAfterALoss(bool isFenced)
    {
        using TransportPair pair = new(rails: 1);
        RdmaTransport sender = pair.First;
        RdmaTransport receiver = pair.Second;
        byte* memory = (byte*)NativeMemory.AlignedAlloc(Size, Size);
        try
        {
            var registration = new MemoryRegistration(memory, Size, sharedDescriptor: -1);
            using IDisposable key = registration.Keys[TransportIndex.Rdma] = sender.Register(registration)!;
            new Span<byte>(memory, Size).Fill(Sent);
            long lost;
            using (new Netem([2], "loss 100%"))
            {
                lost = Stopwatch.GetTimestamp();
                Assert.True(pair.ToSecond.TrySendFrom(new MessageHeader { Hash = 7, Sequence = 1, ByteCount = Size }, memory, registration));
                if (isFenced)
                {
                    sender.Fence();
                }

                new Span<byte>(memory, Size).Fill(FilledAnew);
            }

            output.WriteLine($"the network was there again after {Stopwatch.GetElapsedTime(lost).TotalSeconds:0.00} s");
            byte? arrived = null;
            while (arrived is null && Stopwatch.GetElapsedTime(lost) < LongestRetry)
            {
                receiver.Progress();
                arrived = pair.ToFirst.TryReceive(out _, out byte* payload) ? payload[Size - 1] : null;
                Thread.Sleep(1);
            }

            sender.Fence(); // before the memory goes
            return arrived;
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }
}
