namespace RdmaCollectives.Schedules.Verification;

/// <summary>
/// The values that the model computes with in place of numbers. Two exist: <see cref="ExpressionAlgebra"/>, exact, and
/// <see cref="FingerprintAlgebra"/>, of constant size for very many ranks. Implementations are structs, so that the model is compiled for each.
/// </summary>
internal interface IChunkAlgebra<TValue>
    where TValue : struct, IEquatable<TValue>
{
    /// <summary>The contribution of a rank to a chunk.</summary>
    TValue Input(int rank, int chunk);

    /// <summary>The value <c>left (+) right</c> of two values of one chunk, neither of them finished.</summary>
    TValue Combine(in TValue left, in TValue right);

    /// <summary>The value after the post-operation.</summary>
    TValue Finish(in TValue value);

    /// <summary>The chunk whose contributions the value is made of.</summary>
    int ChunkOf(in TValue value);

    /// <summary>Whether the post-operation was applied.</summary>
    bool IsFinished(in TValue value);

    /// <summary>Whether the two share a contribution, as far as the algebra can know; one that cannot says false, and finds the value not complete in the end.</summary>
    bool Overlap(in TValue left, in TValue right);

    /// <summary>Whether every rank's contribution is in the value exactly once.</summary>
    bool IsComplete(in TValue value);

    /// <summary>Whether the operands, from left to right, are the contributions of neighbouring ranks in rank order.</summary>
    bool IsRankOrdered(in TValue value);

    /// <summary>The value in words, for messages.</summary>
    string Describe(in TValue value);
}
