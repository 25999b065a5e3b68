using RdmaCollectives.Schedules;
using RdmaCollectives.Simulation.Faults;
using RdmaCollectives.Simulation.Scheduling;

namespace RdmaCollectives.Simulation.Programs;

/// <summary>Makes a short program, with what a fault is to be put into among its instructions.</summary>
internal static class ProgramGenerator
{
    private static readonly CollectiveKind[] Collectives =
    [
        CollectiveKind.AllReduce, CollectiveKind.AllReduce, CollectiveKind.Reduce, CollectiveKind.Broadcast, CollectiveKind.AllGather,
        CollectiveKind.ReduceScatter, CollectiveKind.AllToAll, CollectiveKind.Gather, CollectiveKind.Scatter, CollectiveKind.Barrier,
    ];

    public static List<Instruction> Make(SeededRandom random, int ranks, int slots, int slotBytes, Activity wanted)
    {
        int length = random.Between(1, 4);
        int place = random.Next(length);
        var program = new List<Instruction>();
        bool hasPart = false;
        for (int i = 0; i < length; i++)
        {
            InstructionKind kind = i == place ? KindFor(wanted) : random.Next(12) switch
            {
                0 => InstructionKind.Shift,
                1 => InstructionKind.ReceiveAny,
                2 => InstructionKind.Group,
                3 => InstructionKind.Queued,
                4 => InstructionKind.Split,
                _ => InstructionKind.Collective,
            };
            CollectiveKind collective = random.Pick<CollectiveKind>(Collectives);
            int elements = slotBytes / sizeof(int);
            int count = random.Next(6) switch { 0 => 0, 1 => 1, 2 => elements, 3 => elements + 1, 4 => (2 * elements) + 3, _ => random.Between(1, 5 * elements) };
            count = Math.Min(count, slotBytes > 1024 ? elements * 2 : 200);
            bool inPart = hasPart && random.OneIn(2);
            string? algorithm = random.OneIn(2) && !inPart ? AlgorithmFor(random, collective, ranks, slots) : null;
            program.Add(new Instruction(kind, collective, count, random.Next(ranks), algorithm, inPart, IsRegistered: slotBytes > 1024 && random.OneIn(2), random.Between(1, 3)));
            hasPart |= kind == InstructionKind.Split;
        }

        return program;
    }

    private static InstructionKind KindFor(Activity wanted) => wanted switch
    {
        Activity.Transfer => InstructionKind.Shift,
        Activity.Group => InstructionKind.Group,
        Activity.Queued => InstructionKind.Queued,
        Activity.Split => InstructionKind.Split,
        _ => InstructionKind.Collective,
    };

    private static string? AlgorithmFor(SeededRandom random, CollectiveKind collective, int ranks, int slots)
    {
        var shape = new Shape(ranks, 0, 1, ranks);
        ISchedule[] fit = [.. ScheduleCatalog.For(collective).Where(schedule => schedule.Supports(shape) && schedule.MinimumCredits(shape) <= slots)];
        return fit.Length == 0 ? null : fit[random.Next(fit.Length)].Name;
    }
}
