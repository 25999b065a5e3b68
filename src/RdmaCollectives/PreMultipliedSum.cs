namespace RdmaCollectives;

/// <summary>
/// The pre-multiplied sum: each rank's input is multiplied by that rank's factor, and the products are summed. It is passed where a reducer is asked for, and the library's own kernels do the work.
/// </summary>
/// <remarks>
/// The product is computed in <typeparamref name="T"/>: integers wrap; 16- and 8-bit floats are multiplied in float and rounded once, before anything is summed. The sum is that of <see cref="ReduceOp.Sum"/>.
/// With <c>1/n</c> as the factor of every rank it is an average that cannot overflow on the way, but rounds each input; <see cref="ReduceOp.Average"/> divides once, at the end.
/// </remarks>
/// <typeparam name="T">An element type that <see cref="DataType"/> lists; another is an <see cref="ArgumentException"/> of the call.</typeparam>
/// <param name="factor">This rank's factor; other ranks may have others.</param>
public readonly struct PreMultipliedSum<T>(T factor) : IReducer<T>
    where T : unmanaged
{
    /// <inheritdoc/>
    public static bool IsCommutative => true;

    /// <summary>What this rank's input is multiplied by.</summary>
    public T Factor => factor;

    /// <summary>Nothing calls this: a reducer combines values, and this one differs from a sum in what happens before they are combined.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    void IReducer<T>.Reduce(ReadOnlySpan<T> source, Span<T> accumulator)
        => throw new NotSupportedException($"{nameof(PreMultipliedSum<>)} is done by the library's own kernels; pass it to a collective instead of calling it.");
}
