using System.Diagnostics;
using System.Runtime.InteropServices;
using RdmaCollectives.Transports.SharedMemory;

namespace RdmaCollectives.Tests.SharedMemory;

/// <summary>Waits as the executor does: wakes whom it has worked for, arms, looks once more, sleeps. A sleep that ends by its time counts as a lost wake-up.</summary>
internal sealed partial class Sleeper(SharedMemoryTransport transport, bool futex)
{
    /// <summary>Far more than a loaded machine needs to schedule a thread.</summary>
    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(20);

    private const short POLLIN = 1;

    public int SleepCount { get; private set; }

    public void WaitUntil(Func<bool> condition)
    {
        while (!condition())
        {
            transport.Settle();
            Assert.True(transport.PrepareSleep());
            bool isMet = condition();
            if (!isMet)
            {
                SleepCount++;
                Sleep();
            }

            transport.EndSleep();
            if (isMet)
            {
                return; // not asked once more: the condition may be one that acts, such as TrySendFrom
            }
        }
    }

    private unsafe void Sleep()
    {
        long start = Stopwatch.GetTimestamp();
        if (futex)
        {
            transport.FutexSleep(LostAfter);
        }
        else
        {
            var descriptor = new pollfd { fd = transport.SleepDescriptor, events = POLLIN };
            poll(&descriptor, 1, (int)LostAfter.TotalMilliseconds);
        }

        Assert.True(Stopwatch.GetElapsedTime(start) < LostAfter, "a wake-up was lost");
    }

    [LibraryImport("libc")]
    private static unsafe partial int poll(pollfd* descriptors, nuint count, int timeoutMilliseconds);

#pragma warning disable CS8981 // C's own name
    [StructLayout(LayoutKind.Sequential)]
    private struct pollfd
#pragma warning restore CS8981
    {
        public int fd;
        public short events;
        public short revents;
    }
}
