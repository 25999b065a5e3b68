using RdmaCollectives.Planning;
using RdmaCollectives.Testing;

namespace RdmaCollectives.Tests.Collectives;

/// <summary>The full product inside one process: calls x algorithms x ranks x counts x types x roots x placements, the three forms in turn.</summary>
public sealed class LoopbackMatrixTests(LocalGroups groups) : IClassFixture<LocalGroups>
{
    private static readonly DataType[] Types = [DataType.UInt8, DataType.Float32];

    public static TheoryData<CaseKind, string, int> Product()
    {
        var data = new TheoryData<CaseKind, string, int>();
        foreach (CollectiveCase call in MatrixCases.Calls())
        {
            foreach (int ranks in (int[])[1, 2, 3, 4, 5, 7, 8, 16])
            {
                data.Add(call.Kind, call.Algorithm ?? "", ranks);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Product))]
    public void Call_EveryCountTypeRootAndPlacement_IsExact(CaseKind kind, string algorithm, int ranks)
    {
        var call = new CollectiveCase(kind, DataType.Int32, 0) { Algorithm = algorithm.Length == 0 ? null : algorithm };
        CollectiveCase[] cases = [.. Cases(call, ranks)];
        groups.Run(ranks, communicator =>
        {
            foreach (CollectiveCase one in cases)
            {
                one.Run(communicator);
            }
        });
    }

    private static IEnumerable<CollectiveCase> Cases(CollectiveCase call, int ranks)
    {
        if (call.Kind == CaseKind.Barrier)
        {
            return from form in Enum.GetValues<CallForm>() from root in (int[])[0, -1, ranks / 2] select call with { Count = 2, Root = root, Form = form };
        }

        bool hasBlocks = call.Collective is { } collective && Layout.HasBlocks(collective);
        int[] counts = [0, 1, 1031, 100_003 / (hasBlocks ? ranks : 1)];
        int[] roots = call.HasRoot ? [.. new[] { 0, -1, ranks / 2 }.DistinctBy(root => (root + ranks) % ranks)] : [0];
        bool[] places = call.HasInPlace ? [false, true] : [false];
        return (from count in counts
                from type in Types
                from root in roots
                from inPlace in places
                select call with { Count = count, Type = type, Root = root, InPlace = inPlace }).Select((one, number) => one with { Form = (CallForm)(number % 3), Seed = number });
    }
}
