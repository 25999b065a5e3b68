using System.Globalization;
using RdmaCollectives.Schedules;
using RdmaCollectives.Testing;

namespace RdmaCollectives.Tests.Collectives;

/// <summary>Random calls in random groups. The seed is in the output and in every failure; RDMACC_TEST_SEED sets it.</summary>
public sealed class RandomCasesTests(ITestOutputHelper output)
{
    private const int Groups = 40;
    private const int CasesOfGroup = 60;

    [Fact]
    public void Calls_OfRandomShapesInRandomGroups_AreExact()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("RDMACC_TEST_SEED"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int given) ? given : Random.Shared.Next();
        output.WriteLine($"RDMACC_TEST_SEED={seed}");
        var random = new Random(seed);
        for (int number = 0; number < Groups; number++)
        {
            int ranks = random.Next(1, 10);
            var options = new CommunicatorOptions
            {
                ChunkBytes = 64 * random.Next(64, 300),
                Slots = 1 << random.Next(1, 5),
                Channels = random.Next(1, 5),
                Timeout = TimeSpan.FromSeconds(60),
            };
            CollectiveCase[] cases = [.. Enumerable.Range(0, CasesOfGroup).Select(_ => Any(random, ranks, options))];
            string at = "";
            try
            {
                using LocalGroup group = Communicator.CreateLocalGroup(ranks, options);
                group.Run(communicator =>
                {
                    foreach (CollectiveCase one in cases)
                    {
                        at = communicator.Rank == 0 ? $"{one}" : at;
                        one.Run(communicator);
                    }
                });
            }
            catch (Exception error)
            {
                Assert.Fail($"RDMACC_TEST_SEED={seed}: {ranks} ranks, chunks of {options.ChunkBytes} bytes, {options.Slots} slots, {options.Channels} channels, rank 0 in {at}: {error}");
            }
        }
    }

    private static CollectiveCase Any(Random random, int ranks, CommunicatorOptions options)
    {
        CollectiveCase call;
        do
        {
            call = random.GetItems([.. MatrixCases.Calls()], 1)[0];
        }
        while (call.Algorithm is not null && !Runs(ScheduleCatalog.Find(call.Collective!.Value, call.Algorithm)!, ranks, options));

        DataType type = random.GetItems(Enum.GetValues<DataType>(), 1)[0];
        ReduceOp[] operators = [.. Enum.GetValues<ReduceOp>().Where(op => op.AppliesTo(type))];
        return call with
        {
            Type = type,
            Op = random.GetItems(operators, 1)[0],
            Count = call.Kind == CaseKind.Barrier ? random.Next(3) : (int)Math.Pow(random.Next(1, 200), random.Next(0, 3)) - 1,
            Root = random.Next(ranks),
            Form = (CallForm)random.Next(3),
            InPlace = call.HasInPlace && random.Next(2) == 0,
            Allocated = random.Next(4) == 0,
            BitExact = call.Reduces && call.Algorithm is null && random.Next(3) == 0,
            Seed = random.Next(),
        };
    }

    private static bool Runs(ISchedule schedule, int ranks, CommunicatorOptions options)
    {
        var shape = new Shape(ranks, 0, 1, ranks);
        var widest = new Shape(ranks, 0, options.Channels!.Value, ranks);
        return schedule.Supports(shape) && Math.Max(schedule.MinimumCredits(shape), schedule.Supports(widest) ? schedule.MinimumCredits(widest) : 0) <= options.Slots;
    }
}
