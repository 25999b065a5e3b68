using RdmaCollectives.Testing;

namespace RdmaCollectives.Tests.Collectives;

/// <summary>Every type by every operator that applies to it, in every call that reduces, and every type in every call that moves.</summary>
public sealed class LoopbackTypesTests(LocalGroups groups) : IClassFixture<LocalGroups>
{
    /// <summary>0, 1, odd, around the switch of algorithms, over several rounds of a chunk of 4 KiB, not divisible by any rank count.</summary>
    private static readonly int[] Counts = [0, 1, 7, 1031, 8192, 40009];

    private static readonly int[] FewCounts = [1, 2049];

    public static TheoryData<int, DataType> AllReduceProduct()
    {
        var data = new TheoryData<int, DataType>();
        foreach (int ranks in (int[])[1, 2, 3, 4, 5, 7, 8, 16])
        {
            foreach (DataType type in Enum.GetValues<DataType>())
            {
                data.Add(ranks, type);
            }
        }

        return data;
    }

    public static TheoryData<CaseKind, DataType> Calls()
    {
        var data = new TheoryData<CaseKind, DataType>();
        foreach (CaseKind kind in Enum.GetValues<CaseKind>().Except([CaseKind.AllReduce, CaseKind.Barrier]))
        {
            foreach (DataType type in Enum.GetValues<DataType>())
            {
                data.Add(kind, type);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(AllReduceProduct))]
    public void AllReduce_EveryOperatorCountAndPlacement_IsExact(int ranks, DataType type) => Run(
        ranks, from op in Operators(type) from count in Counts from inPlace in (bool[])[false, true] select new CollectiveCase(CaseKind.AllReduce, type, count) { Op = op, InPlace = inPlace });

    [Theory]
    [MemberData(nameof(Calls))]
    public void Call_EveryTypeAndOperator_IsExact(CaseKind kind, DataType type)
    {
        foreach (int ranks in (int[])[2, 5])
        {
            var call = new CollectiveCase(kind, type, 0);
            Run(ranks, from op in call.Reduces ? Operators(type) : [ReduceOp.Sum] from count in FewCounts select call with { Count = count, Op = op, Root = 1, Seed = 3 });
        }
    }

    private void Run(int ranks, IEnumerable<CollectiveCase> cases)
    {
        CollectiveCase[] all = [.. cases];
        groups.Run(ranks, communicator =>
        {
            foreach (CollectiveCase one in all)
            {
                one.Run(communicator);
            }
        });
    }

    private static IEnumerable<ReduceOp> Operators(DataType type) => Enum.GetValues<ReduceOp>().Where(op => op.AppliesTo(type));
}
