namespace RdmaCollectives.Tool.Perf;

/// <summary>
/// What a part of a receive buffer holds after a call: <paramref name="Count"/> elements from <paramref name="At"/> on are those of one rank's input, or of the reduction of all inputs, from element <paramref name="First"/> of it on.
/// </summary>
/// <param name="At">Where the part begins, in elements.</param>
/// <param name="Count">How many elements it has.</param>
/// <param name="Source">The rank whose input it is, or <see cref="Reduction"/>, or <see cref="Untouched"/>.</param>
/// <param name="First">Which element of that comes first.</param>
internal readonly record struct Piece(long At, long Count, int Source, long First)
{
    /// <summary>The reduction of the inputs of all ranks.</summary>
    public const int Reduction = -1;

    /// <summary>What was there before the call.</summary>
    public const int Untouched = -2;
}
