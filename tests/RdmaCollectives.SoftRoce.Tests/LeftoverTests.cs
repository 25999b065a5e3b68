namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>What worlds over verbs leave behind in a process that goes on: nothing, by the kernel's lists, whether they ended well or not. Of splits: SplitTests.</summary>
public sealed class LeftoverTests(ITestOutputHelper output)
{
    private const int Worlds = 20;

    [Fact]
    public void Worlds_ManyOneAfterAnother_LeaveNoObjectFileOrThread()
    {
        Footprint.AwaitNone();
        Repeat(3); // what the runtime sets up once
        (int files, int threads) = (Footprint.Files(), Footprint.Threads());
        Repeat(Worlds);
        Footprint.AwaitNone();
        output.WriteLine($"{files} files and {threads} threads before, {Footprint.Files()} and {Footprint.Threads()} after {Worlds} worlds");
        Assert.Equal(threads, Footprint.Threads());
        Assert.InRange(Footprint.Files(), 0, files + Worlds - 1); // the runtime's own come and go; one of each world would show
    }

    [Fact]
    public void World_ThatFaultedInACall_LeavesNothing()
    {
        Footprint.AwaitNone();
        using (VerbsWorld world = new())
        {
            Assert.NotEqual(Footprint.None, Footprint.OfRdma(), StringComparer.Ordinal); // the lists are ones that tell
            using PulledCable cable = new(host: 1, rail: 0);
            world.Run(rank =>
            {
                using RegisteredBuffer<int> buffer = rank.Allocate<int>(200_000);
                CommunicatorFaultException fault = Assert.Throws<CommunicatorFaultException>(() => rank.AllReduce(buffer.Span, ReduceOp.Sum));
                Assert.Equal(Error.Transport, fault.Error);
            });
        }

        Footprint.AwaitNone();
        using VerbsWorld next = new();
        next.Check();
    }

    private static void Repeat(int worlds)
    {
        for (int i = 0; i < worlds; i++)
        {
            using VerbsWorld world = new();
            world.Run(static rank =>
            {
                using RegisteredBuffer<int> buffer = rank.Allocate<int>(1000);
                buffer.Span.Fill(1);
                rank.AllReduce(buffer.Span, ReduceOp.Sum);
                Assert.Equal(2, buffer.Span[^1]);
            });
        }
    }
}
