using RdmaCollectives.Fuzz.Engine;

namespace RdmaCollectives.Fuzz.Tests;

/// <summary>A parser that keeps what it was fed.</summary>
internal sealed class RecordingTarget(FuzzTarget target) : FuzzTarget
{
    public List<byte[]> Inputs { get; } = [];

    public override string Name => target.Name;

    public override IReadOnlyList<string> Sources => target.Sources;

    public override bool TakesItsSamples => target.TakesItsSamples;

    public override Sample Generate(Random random) => target.Generate(random);

    public override void Prepare() => target.Prepare();

    public override Outcome Run(byte[] input)
    {
        Inputs.Add(input);
        return target.Run(input);
    }

    // What it keeps counts as allocated.
    public override long AllocationBound(int inputBytes) => long.MaxValue;
}
