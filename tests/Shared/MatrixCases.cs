using RdmaCollectives.Schedules;

namespace RdmaCollectives.Testing;

/// <summary>Pairwise covers of what a call can be, for groups of ranks that cannot afford the full product.</summary>
internal static class MatrixCases
{
    private static readonly (bool InPlace, bool Allocated)[] Placements = [(false, false), (true, false), (false, true), (true, true)];
    private static readonly CallForm[] Forms = Enum.GetValues<CallForm>();

    /// <summary>All-reduces: types x operators x counts x placements x forms.</summary>
    public static IReadOnlyList<CollectiveCase> AllReduces { get; } = CoverAllReduces();

    /// <summary>A few of these, in which each type, operator, count and placement occurs.</summary>
    public static IReadOnlyList<CollectiveCase> SomeAllReduces { get; } = FirstOfEach(AllReduces, row => [row.Type, row.Op, row.Count, (row.InPlace, row.Allocated, row.Form)]);

    /// <summary>Every call by every algorithm, x types of every size x operators x counts x roots x placements x forms.</summary>
    public static IReadOnlyList<CollectiveCase> Collectives { get; } = CoverCollectives();

    /// <summary>A few of these, in which each call by each algorithm occurs, and each of the rest.</summary>
    public static IReadOnlyList<CollectiveCase> SomeCollectives { get; } = FirstOfEach(Collectives, row => [(row.Kind, row.Algorithm), row.Type, row.Count, (row.Kind, row.Form), (row.Kind, row.InPlace)]);

    /// <summary>Every kind of call, by the library's choice of algorithm and by name.</summary>
    public static IEnumerable<CollectiveCase> Calls()
    {
        foreach (CaseKind kind in Enum.GetValues<CaseKind>())
        {
            var call = new CollectiveCase(kind, DataType.Float32, 0);
            yield return call;
            foreach (ISchedule schedule in call.Collective is { } collective ? ScheduleCatalog.For(collective) : [])
            {
                if (!call.HasCounts || schedule.Traits.HasFlag(ScheduleTraits.VariableBlocks))
                {
                    yield return call with { Algorithm = schedule.Name };
                }
            }
        }
    }

    private static List<CollectiveCase> CoverAllReduces()
    {
        DataType[] types = Enum.GetValues<DataType>();
        ReduceOp[] ops = Enum.GetValues<ReduceOp>();
        int[] counts = [0, 1, 7, 2049, 65536, 300_007];
        int[] sizes = [types.Length, ops.Length, counts.Length, Placements.Length, Forms.Length];
        return [.. Pairwise.Cover(sizes, row => ops[row[1]].AppliesTo(types[row[0]])).Select(row => new CollectiveCase(CaseKind.AllReduce, types[row[0]], counts[row[2]])
        {
            Op = ops[row[1]],
            InPlace = Placements[row[3]].InPlace,
            Allocated = Placements[row[3]].Allocated,
            Form = Forms[row[4]],
        })];
    }

    private static List<CollectiveCase> CoverCollectives()
    {
        CollectiveCase[] calls = [.. Calls()];
        DataType[] types = [DataType.UInt8, DataType.BFloat16, DataType.Int32, DataType.Float64];
        ReduceOp[] ops = [ReduceOp.Sum, ReduceOp.Max, ReduceOp.Average];
        int[] counts = [0, 1, 7, 2049, 40_009];
        int[] roots = [0, -1, 1];
        int[] sizes = [calls.Length, types.Length, ops.Length, counts.Length, roots.Length, Placements.Length, Forms.Length];
        return [.. Pairwise.Cover(sizes, row => !Placements[row[5]].InPlace || calls[row[0]].HasInPlace).Select((row, number) => calls[row[0]] with
        {
            Type = types[row[1]],
            Op = ops[row[2]],
            Count = calls[row[0]].Kind == CaseKind.Barrier ? 3 : counts[row[3]],
            Root = calls[row[0]].HasRoot ? roots[row[4]] : 0,
            InPlace = Placements[row[5]].InPlace,
            Allocated = Placements[row[5]].Allocated,
            Form = Forms[row[6]],
            Seed = number,
        })];
    }

    private static List<CollectiveCase> FirstOfEach(IReadOnlyList<CollectiveCase> rows, Func<CollectiveCase, object[]> values)
    {
        var seen = new HashSet<(int Column, object Value)>();
        return [.. rows.Where(row => values(row).Select((value, column) => seen.Add((column, value))).Count(isNew => isNew) > 0)];
    }
}
