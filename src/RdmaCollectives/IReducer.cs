namespace RdmaCollectives;

/// <summary>A user's own reduction: a struct whose method combines two spans of elements. It must be associative.</summary>
/// <typeparam name="T">The element type.</typeparam>
public interface IReducer<T>
    where T : unmanaged
{
    /// <summary>Whether the order of operands does not matter. A reducer that says false gets schedules in rank order only.</summary>
    static abstract bool IsCommutative { get; }

    /// <summary>Combines element by element: <c>accumulator[i] = source[i] (+) accumulator[i]</c>. The spans have the same length and do not overlap. It must not block and must not call a collective.</summary>
    /// <param name="source">The left operands.</param>
    /// <param name="accumulator">The right operands, and the result.</param>
    void Reduce(ReadOnlySpan<T> source, Span<T> accumulator);
}
