using System.Runtime.InteropServices;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>
/// A device that has no more: one typed error with the limit and the remedy, on both ranks, nothing left behind, and the process goes on. Soft-RoCE has 1,048,560 queue pairs of 11 KiB each, more than the machine has memory for;
/// what refuses here is the limit of a control group, the one that containers meet. The regions of the device itself run out with <c>RDMACC_TEST_LARGE=1</c>.
/// </summary>
public sealed unsafe class ExhaustionTests(ITestOutputHelper output) : IDisposable
{
    private const int PageBytes = 4096;
    private const int EAGAIN = 11;
    private const int ENOMEM = 12;

    /// <summary>Most is code that runs for the first time, emulated.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(8);

    private readonly void* _memory = NativeMemory.AlignedAlloc(PageBytes, PageBytes);

    /// <summary>After every case.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        Footprint.AwaitNone();
    }

    [Theory]
    [InlineData("queue pairs", "ibv_create_qp on protection domain of rxe1r0 failed: ")]
    [InlineData("regions", "ibv_reg_mr on 4096 bytes at 0x")]
    public void Create_UntilTheControlGroupHasNoMore_TellsErrnoLimitAndRemedyAndGoesOnWhereOneIsFreed(string what, string beginning)
    {
        const int most = 50;
        using ObjectLimit limit = new("rxe1r0");
        using DeviceContext device = RdmaDevice.Open("rxe1r0");
        using ProtectionDomain domain = device.CreateProtectionDomain();
        using CompletionQueue queue = device.CreateCompletionQueue(64);
        Assert.Equal(2, limit.InUse);
        limit.Set(most);
        Func<IDisposable> make = what == "regions" ? () => Register(domain) : () => CreatePair(domain, queue);
        Stack<IDisposable> made = new();
        VerbsException refused = Exhaust(made, make, most);

        Assert.Equal(most - 2, made.Count);
        Assert.Equal(EAGAIN, refused.ErrorNumber);
        Assert.StartsWith(beginning, refused.Message, StringComparison.Ordinal);
        Assert.Contains(" failed: Resource temporarily unavailable (EAGAIN, errno 11). ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("rxe1r0 hca_handle=max hca_object=50 (/sys/fs/cgroup/rdmacc-limited/rdma.max, in use: hca_handle=1 hca_object=50). Raise it there ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(what == "regions" ? ", qp 0, mr 48" : ", qp 48, mr 0", Footprint.OfRdma(), StringComparison.Ordinal);

        made.Pop().Dispose();
        made.Push(make());
        while (made.TryPop(out IDisposable? one))
        {
            one.Dispose();
        }

        Assert.Equal(2, limit.InUse);
    }

    /// <summary>Whichever object of rank 1 is the first one too many: both ranks know, and what had been made is gone.</summary>
    [Fact]
    public void Create_WhereOneRankHasNoMore_IsTypedOnBothWhateverIsRefused()
    {
        using ObjectLimit limit = new("rxe2r0");
        HashSet<string> refusals = new(StringComparer.Ordinal);
        for (int most = 0; ; most++)
        {
            limit.Set(most);
            VerbsWorld.Attempt[] attempts = VerbsWorld.Join();
            if (attempts[1].Communicator is not null)
            {
                Array.ForEach(attempts, attempt => attempt.Communicator!.Dispose());
                break;
            }

            string text = attempts[1].Error!.Message;
            output.WriteLine($"{most}, {attempts[0].After.TotalSeconds:0.0} and {attempts[1].After.TotalSeconds:0.0} s: {text}");
            Assert.All(attempts, attempt => Assert.Equal(Error.Resource, attempt.Error!.Error));
            Assert.All(attempts, attempt => Assert.InRange(attempt.After, TimeSpan.Zero, Soon));
            Assert.Equal(EAGAIN, attempts[1].Error!.NativeError);
            Assert.Contains($"hca_object={most} (/sys/fs/cgroup/rdmacc-limited/rdma.max, ", text, StringComparison.Ordinal);
            Assert.StartsWith($"Rank 1 could not join the communicator: {text}", attempts[0].Error!.Message, StringComparison.Ordinal);
            Assert.Equal(0, limit.InUse);
            refusals.Add(text.Split(" on ")[0].Split(' ')[^1]);
        }

        Assert.Equal("ibv_alloc_pd ibv_create_cq ibv_create_qp ibv_reg_mr", string.Join(' ', refusals.Order(StringComparer.Ordinal)));
        using VerbsWorld world = new();
        world.Check();
    }

    [Fact]
    public void Open_WhereTheControlGroupHasNoMoreHandles_TellsErrnoLimitAndRemedy()
    {
        using ObjectLimit limit = new("rxe1r0");
        limit.SetHandles(1);
        using DeviceContext first = RdmaDevice.Open("rxe1r0");
        VerbsException refused = Assert.Throws<VerbsException>(() => RdmaDevice.Open("rxe1r0"));
        output.WriteLine(refused.Message);
        Assert.Equal(EAGAIN, refused.ErrorNumber);
        Assert.StartsWith("ibv_open_device on rxe1r0 (/dev/infiniband/uverbs", refused.Message, StringComparison.Ordinal);
        Assert.Contains("rxe1r0 hca_handle=1 hca_object=max (/sys/fs/cgroup/rdmacc-limited/rdma.max, in use: hca_handle=1 hca_object=0)", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A buffer of the program is one region too many: the call says so, and the communicator is whole.</summary>
    [Fact]
    public void Allocate_WhereThereIsNoMore_IsOneErrorAndTheWorldGoesOn()
    {
        using ObjectLimit limit = new("rxe1r0");
        using VerbsWorld world = new();
        limit.Set(limit.InUse);
        CollectiveException refused = Assert.Throws<CollectiveException>(() => world.Ranks[0].Allocate<int>(10_000));
        output.WriteLine(refused.Message);
        Assert.Equal((Error.Resource, 0, EAGAIN), (refused.Error, refused.Rank, refused.NativeError));
        Assert.Contains("/sys/fs/cgroup/rdmacc-limited/rdma.max", refused.Message, StringComparison.Ordinal);
        world.Check();

        limit.Set(limit.InUse + 1);
        using RegisteredBuffer<int> buffer = world.Ranks[0].Allocate<int>(10_000);
        world.Check();
    }

    [Fact]
    public void Register_UntilTheDeviceHasNoMore_TellsErrnoLimitAndRemedy()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("RDMACC_TEST_LARGE") == "1", "524,287 regions take 2.6 GB of the machine and half a minute: set RDMACC_TEST_LARGE=1.");
        using DeviceContext device = RdmaDevice.Open("rxe1r0");
        using ProtectionDomain domain = device.CreateProtectionDomain();
        Stack<IDisposable> made = new();
        int most = device.QueryDevice().MaxMemoryRegions;
        VerbsException refused = Exhaust(made, () => Register(domain), most);
        output.WriteLine($"{made.Count} regions, and then: {refused.Message}");

        Assert.InRange(made.Count, most - 16, most); // the driver keeps one for itself
        Assert.Equal(ENOMEM, refused.ErrorNumber);
        Assert.Contains($"rxe1r0 has at most {most} regions, of all programs together (`rdma resource show mr` lists them).", refused.Message, StringComparison.Ordinal);
        made.Pop().Dispose();
        made.Push(Register(domain));
        while (made.TryPop(out IDisposable? one))
        {
            one.Dispose();
        }
    }

    private MemoryRegion Register(ProtectionDomain domain) => domain.Register(_memory, PageBytes, MemoryAccess.LocalWrite);

    private static QueuePair CreatePair(ProtectionDomain domain, CompletionQueue queue) =>
        domain.CreateQueuePair(new QueuePairOptions { SendQueue = queue, ReceiveQueue = queue, MaxSendRequests = 1, MaxReceiveRequests = 1 });

    private static VerbsException Exhaust(Stack<IDisposable> made, Func<IDisposable> make, int most)
    {
        while (made.Count <= most)
        {
            try
            {
                made.Push(make());
            }
            catch (VerbsException refused)
            {
                return refused;
            }
        }

        throw new InvalidOperationException($"{made.Count} were made, and {most} was to be the limit.");
    }
}
