namespace RdmaCollectives.Testing;

/// <summary>Random calls: the same on all ranks that draw from the same seed.</summary>
internal static class RandomCase
{
    private static readonly CaseKind[] s_kinds = [.. Enum.GetValues<CaseKind>().Where(static kind => kind != CaseKind.Barrier)]; // its case sleeps

    /// <summary>Any call; most are small, some of up to so many elements.</summary>
    public static CollectiveCase Next(Random random, int ranks, int mostElements)
    {
        var call = new CollectiveCase(s_kinds[random.Next(s_kinds.Length)], Pick<DataType>(random), 0);
        ReduceOp[] operators = [.. Enum.GetValues<ReduceOp>().Where(op => op.AppliesTo(call.Type))];
        return call with
        {
            Op = operators[random.Next(operators.Length)],
            Count = random.Next(random.Next(4) switch { 0 => mostElements, 1 => Math.Min(mostElements, 5000), _ => 200 }),
            Root = random.Next(ranks),
            Form = Pick<CallForm>(random),
            InPlace = call.HasInPlace && random.Next(2) == 0,
            Allocated = random.Next(4) == 0,
            BitExact = call.Reduces && random.Next(4) == 0,
            Seed = random.Next(),
        };
    }

    private static T Pick<T>(Random random)
        where T : struct, Enum
    {
        T[] values = Enum.GetValues<T>();
        return values[random.Next(values.Length)];
    }
}
