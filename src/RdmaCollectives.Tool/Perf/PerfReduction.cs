namespace RdmaCollectives.Tool.Perf;

/// <summary>What <c>--op</c> names: a reduction of the library, or its pre-multiplied sum, which is a sum of products.</summary>
internal readonly record struct PerfReduction(ReduceOp Op, bool IsPreMultiplied = false)
{
    /// <summary>By which every rank multiplies: exact in every type, and not 1.</summary>
    public const int Factor = 2;

    private const string PreMultiplied = "premulsum";

    /// <summary>Those of nccl-tests first.</summary>
    public static string[] Names { get; } = [.. Enum.GetValues<ReduceOp>().Select(op => op.ShortName()), PreMultiplied];

    public string ShortName => IsPreMultiplied ? PreMultiplied : Op.ShortName();

    public static PerfReduction? Parse(string name) =>
        name == PreMultiplied ? new PerfReduction(ReduceOp.Sum, IsPreMultiplied: true)
        : ReduceOps.TryParse(name, out ReduceOp op) ? new PerfReduction(op)
        : null;
}
