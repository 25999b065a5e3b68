using System.Diagnostics;
using System.Runtime.InteropServices;
using RdmaCollectives.Transports;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>What is registered with an adapter: counted, limited where asked for, and gone afterwards, by the kernel's own list of it.</summary>
public sealed unsafe class RegistrationTests(ITestOutputHelper output)
{
    private const int Size = 64 * 1024;
    private const int Times = 5000;

    [Fact]
    public void Connect_OverTheBudget_IsOneErrorAndLeavesNothing()
    {
        HashSet<string> before = Regions();
        CollectiveException refused = Assert.Throws<CollectiveException>(() => new TransportPair(rails: 2, registeredMemory: 50_000));
        Assert.Equal(Error.Resource, refused.Error);
        Assert.Contains("RDMACC_REGISTERED_MEMORY allows this communicator 48.8 KiB. 32.6 KiB are registered, and the slots of a channel to rank 1 would take 32.6 KiB more.", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Regions().Except(before, StringComparer.Ordinal));
    }

    [Fact]
    public void Register_OverTheBudget_IsOneErrorAndTheTransportGoesOn()
    {
        using TransportPair pair = new(rails: 1, registeredMemory: 100_000);
        byte* memory = (byte*)NativeMemory.AlignedAlloc(2 * Size, 4096);
        try
        {
            CollectiveException refused = Assert.Throws<CollectiveException>(() => pair.First.Register(new MemoryRegistration(memory, 2 * Size, sharedDescriptor: -1)));
            Assert.Contains("a buffer of 131072 bytes would take 128 KiB more", refused.Message, StringComparison.Ordinal);
            pair.First.Register(new MemoryRegistration(memory, Size, sharedDescriptor: -1))!.Dispose();
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    [Fact]
    public void Register_ThousandsOfTimes_LeavesNothingBehind()
    {
        using TransportPair pair = new(rails: 1);
        byte* memory = (byte*)NativeMemory.AlignedAlloc(Size, 4096);
        try
        {
            HashSet<string> before = Regions();
            long taken = pair.First.Budget.Taken;
            long locked = Locked();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Times; i++)
            {
                using IDisposable? registered = pair.First.Register(new MemoryRegistration(memory, Size, sharedDescriptor: -1));
                if (i == 0)
                {
                    Assert.Single(Regions().Except(before, StringComparer.Ordinal)); // the list is one that tells
                    Assert.Equal(taken + Size, pair.First.Budget.Taken);
                }
            }

            output.WriteLine($"{Times} registrations of {Size} bytes in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
            Assert.Empty(Regions().Except(before, StringComparer.Ordinal));
            Assert.Equal(taken, pair.First.Budget.Taken);
            Assert.Equal(locked, Locked());
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    /// <summary>The kernel's line of every region, of this process and of others: a rank of an earlier test may still be on its way out, and takes its lines with it.</summary>
    private static HashSet<string> Regions()
    {
        using Process process = Process.Start(new ProcessStartInfo("rdma", "resource show mr") { RedirectStandardOutput = true, UseShellExecute = false })!;
        HashSet<string> lines = [.. process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return lines;
    }

    /// <summary>Pages that the kernel holds for adapters, by its own count.</summary>
    private static long Locked() =>
        long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmPin:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);
}
