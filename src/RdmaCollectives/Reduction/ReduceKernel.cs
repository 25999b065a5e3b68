namespace RdmaCollectives.Reduction;

/// <summary>
/// The one form in which a reduction goes below the Communicator: pointers to functions over untyped memory, and the element size.
/// <see cref="Combine"/> computes <c>destination[i] = left[i] (+) right[i]</c>; <c>destination</c> may be <c>left</c> or <c>right</c>, else nothing overlaps.
/// <see cref="Prepare"/> is what a rank does to its own input before anything is combined (the factor of a pre-multiplied sum), or null.
/// <see cref="Finish"/> is the post-operation on a complete value (the division of an average), or null.
/// </summary>
internal readonly unsafe struct ReduceKernel
{
    public ReduceKernel(
        delegate* managed<void*, byte*, byte*, byte*, nuint, void> combine,
        delegate* managed<byte*, nuint, int, void> finish,
        int elementSize,
        bool isCommutative,
        delegate* managed<void*, byte*, byte*, nuint, void> prepare = null)
    {
        Prepare = prepare;
        Combine = combine;
        Finish = finish;
        ElementSize = elementSize;
        IsCommutative = isCommutative;
    }

    /// <summary>(state, source, destination, element count), or null. The destination may be the source, else they do not overlap.</summary>
    public readonly delegate* managed<void*, byte*, byte*, nuint, void> Prepare;

    /// <summary>(state, left, right, destination, element count).</summary>
    public readonly delegate* managed<void*, byte*, byte*, byte*, nuint, void> Combine;

    /// <summary>(values in place, element count, rank count), or null.</summary>
    public readonly delegate* managed<byte*, nuint, int, void> Finish;

    public readonly int ElementSize;

    public readonly bool IsCommutative;
}
