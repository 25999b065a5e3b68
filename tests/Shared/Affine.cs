namespace RdmaCollectives.Testing;

/// <summary>x -> A x + B, composed: associative, not commutative, exact in 64 bits modulo 2^64.</summary>
public record struct Affine(ulong A, ulong B)
{
    /// <summary>What a rank contributes at an index.</summary>
    public static Affine Of(int rank, int index) => new((ulong)((2 * rank) + 3 + (2 * index)), (ulong)((rank * 7) + index));

    /// <summary>First <paramref name="left"/>, then <paramref name="right"/>.</summary>
    public static Affine Compose(Affine left, Affine right) => new(left.A * right.A, (left.B * right.A) + right.B);
}

public struct AffineReducer : IReducer<Affine>
{
    public static bool IsCommutative => false;

    public void Reduce(ReadOnlySpan<Affine> source, Span<Affine> accumulator)
    {
        for (int i = 0; i < source.Length; i++)
        {
            accumulator[i] = Affine.Compose(source[i], accumulator[i]);
        }
    }
}
