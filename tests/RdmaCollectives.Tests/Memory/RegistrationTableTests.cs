using RdmaCollectives.Memory;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Tests.Memory;

/// <summary>Addresses are numbers here: the table never follows them.</summary>
public sealed unsafe class RegistrationTableTests(ITestOutputHelper output)
{
    [Fact]
    public void Find_EdgesOfARange_AreInside()
    {
        var table = new RegistrationTable();
        MemoryRegistration registration = Registration(1000, 100);
        table.Add(registration);
        Assert.Same(registration, Find(table, 1000, 100));
        Assert.Same(registration, Find(table, 1099, 1));
        Assert.Same(registration, Find(table, 1100, 0));
        Assert.Null(Find(table, 999, 2));
        Assert.Null(Find(table, 1000, 101));
        Assert.Null(Find(table, 1100, 1));
        table.Remove(registration);
        Assert.Null(Find(table, 1000, 100));
        Assert.Equal(0, table.Count);
    }

    [Fact]
    public void Find_RandomOverlappingRanges_AgreesWithASearchThroughAll()
    {
        const int seed = 99;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var table = new RegistrationTable();
        List<MemoryRegistration> all = [];
        for (int round = 0; round < 300; round++)
        {
            if (all.Count > 0 && random.Next(3) == 0)
            {
                MemoryRegistration gone = all[random.Next(all.Count)];
                all.Remove(gone);
                table.Remove(gone);
            }
            else
            {
                all.Add(Registration(random.Next(1, 2000), random.Next(1, 300)));
                table.Add(all[^1]);
            }

            for (int i = 0; i < 200; i++)
            {
                int address = random.Next(1, 2400);
                int byteCount = random.Next(0, 200);
                MemoryRegistration? found = Find(table, address, byteCount);
                bool exists = all.Exists(registration => registration.Contains((byte*)address, (nuint)byteCount));
                Assert.Equal(exists, found is not null);
                Assert.True(found is null || (found.Contains((byte*)address, (nuint)byteCount) && all.Contains(found)));
            }
        }
    }

    [Fact]
    public void Find_Repeated_AllocatesNothing()
    {
        var table = new RegistrationTable();
        for (int i = 0; i < 100; i++)
        {
            table.Add(Registration(1000 * (i + 1), 500));
        }

        long found = 0;
        long before = 0;
        for (int i = 0; i < 11_000; i++)
        {
            before = i == 1_000 ? GC.GetAllocatedBytesForCurrentThread() : before;
            found += Find(table, i * 9 + 1, 10) is null ? 0 : 1;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(found > 0);
    }

    private static MemoryRegistration Registration(int address, int byteCount) => new((byte*)address, (nuint)byteCount, -1);

    private static MemoryRegistration? Find(RegistrationTable table, int address, int byteCount) => table.Find((byte*)address, (nuint)byteCount);
}
