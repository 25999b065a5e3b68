namespace RdmaCollectives.Tests.Memory.Model;

/// <summary>What one thread knows: four views, per location the number of the oldest value that it may read, or that others may read who read something of its own.</summary>
/// <param name="Current">What its own reads must not fall behind.</param>
/// <param name="Released">What its next release store makes known: all but its non-temporal stores.</param>
/// <param name="Fenced">What its next plain store makes known: all before the last fence.</param>
/// <param name="Unacquired">What it would have learned from its plain reads, and will at the next full barrier.</param>
internal sealed record ThreadView(byte[] Current, byte[] Released, byte[] Fenced, byte[] Unacquired)
{
    public ThreadView Copy() => new([.. Current], [.. Released], [.. Fenced], [.. Unacquired]);

    public byte[][] All => [Current, Released, Fenced, Unacquired];
}
