using RdmaCollectives.Schedules;
using RdmaCollectives.Simulation.Faults;
using RdmaCollectives.Simulation.Programs;

namespace RdmaCollectives.Simulation.Tests;

/// <summary>Every schedule, by name: seeds with nothing put, and seeds in which a rank dies in the middle.</summary>
public class ScheduleTests
{
    public static TheoryData<CollectiveKind, string> All
    {
        get
        {
            var all = new TheoryData<CollectiveKind, string>();
            foreach (ISchedule schedule in ScheduleCatalog.All)
            {
                all.Add(schedule.Collective, schedule.Name);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Run_Schedule_RightOrATypedFault(CollectiveKind collective, string name)
    {
        ISchedule schedule = ScheduleCatalog.Find(collective, name)!;
        int[] sizes = [.. Enumerable.Range(2, 8).Where(ranks => schedule.Supports(new Shape(ranks, 0, 1, ranks)))];
        Assert.NotEmpty(sizes);
        var worker = new Worker();
        foreach (int ranks in sizes)
        {
            for (ulong seed = 0; seed < 4; seed++)
            {
                int slots = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, schedule.MinimumCredits(new Shape(ranks, 0, 1, ranks))));
                var scenario = new Scenario
                {
                    Ranks = ranks,
                    Slots = slots,
                    Program = [new Instruction(InstructionKind.Collective, collective, Count: 37, Root: 1, name, InPart: false, IsRegistered: false, Colors: 1)],
                    Fault = (seed % 2 == 0 ? FaultKind.None : FaultKind.Death, PointKind.Post, Activity.Collective),
                };

                Simulation simulation = worker.Run(seed, scenario: scenario);

                Assert.True(simulation.Failures.Count == 0, $"{ranks} ranks, seed {seed}: {string.Join('\n', simulation.Failures)}");
            }
        }
    }
}
