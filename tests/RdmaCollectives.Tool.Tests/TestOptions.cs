using RdmaCollectives.Tool.Perf;

namespace RdmaCollectives.Tool.Tests;

/// <summary>Options of a measurement that a test drives itself.</summary>
internal static class TestOptions
{
    public static PerfOptions With(DataType type = DataType.Float32, PerfReduction reduction = default, int root = 0, bool bitExact = false, params long[] sizes) => new()
    {
        Runs = [],
        Sizes = sizes,
        Iterations = 3,
        Warmups = 1,
        DataType = type,
        Reduction = reduction,
        Root = root,
        BitExact = bitExact,
        Placement = Placement.Both,
        Buffers = BufferKind.Array,
        Check = true,
    };
}
