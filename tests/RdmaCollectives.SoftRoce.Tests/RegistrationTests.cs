using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.Rdma;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>What is registered with an adapter: counted, limited where asked for, and gone afterwards, by the kernel's own list of it.</summary>
public sealed unsafe class RegistrationTests(ITestOutputHelper output)
{
    private const int Size = 64 * 1024;
    private const int PageBytes = 4096;
    private const int WarmUp = 20_000;

    /// <summary>The runtime's own coming and going. A word that each of a million leaves would be twice as much.</summary>
    private const int MostGrowthKilobytes = 4096;

    /// <summary>The runtime opens some of its own when it likes; a registration that kept one would have kept one a time.</summary>
    private const int MostNewFiles = 8;

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

    /// <summary>A million with <c>RDMACC_TEST_LARGE=1</c>, as docs/reliability.md says: what is left of one would be seen in a run of days.</summary>
    [Fact]
    public void Register_AgainAndAgain_LeavesNothingBehind()
    {
        int times = Environment.GetEnvironmentVariable("RDMACC_TEST_LARGE") == "1" ? 1_000_000 : 100_000;
        using TransportPair pair = new(rails: 1);
        byte* memory = (byte*)NativeMemory.AlignedAlloc(PageBytes, PageBytes);
        try
        {
            HashSet<string> before = Regions();
            long taken = pair.First.Budget.Taken;
            using (pair.First.Register(new MemoryRegistration(memory, PageBytes, sharedDescriptor: -1)))
            {
                Assert.Single(Regions().Except(before, StringComparer.Ordinal)); // the list is one that tells
                Assert.Equal(taken + PageBytes, pair.First.Budget.Taken);
            }

            Repeat(pair.First, memory, WarmUp);
            (long resident, long pinned, int files) = Held();
            long start = Stopwatch.GetTimestamp();
            Repeat(pair.First, memory, times);
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            (long residentAfter, long pinnedAfter, int filesAfter) = Held();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{times:N0} registrations and deregistrations of {PageBytes} bytes in {time.TotalSeconds:0.0} s; resident {resident} kB before and {residentAfter} kB after, pinned {pinned} and {pinnedAfter} kB, files {files} and {filesAfter}, regions {before.Count} and {Regions().Count}"));
            Assert.Empty(Regions().Except(before, StringComparer.Ordinal));
            Assert.Equal((taken, pinned), (pair.First.Budget.Taken, pinnedAfter));
            Assert.InRange(filesAfter, 0, files + MostNewFiles);
            Assert.InRange(residentAfter, 0, resident + MostGrowthKilobytes);
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    private static void Repeat(RdmaTransport transport, byte* memory, int times)
    {
        for (int i = 0; i < times; i++)
        {
            transport.Register(new MemoryRegistration(memory, PageBytes, sharedDescriptor: -1))!.Dispose();
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

    /// <summary>Of this process, by the kernel's own count: resident memory and pages that it holds for adapters, in kB, and open files.</summary>
    private static (long Resident, long Pinned, int Files) Held()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        string[] status = File.ReadAllLines("/proc/self/status");
        return (Kilobytes("VmRSS:"), Kilobytes("VmPin:"), Footprint.Files());

        long Kilobytes(string name) => long.Parse(status.Single(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
