namespace RdmaCollectives.Tests.Numerics;

/// <summary>An 8-bit float as its specification defines it, in double arithmetic and by looking through all values: nothing is shared with the code under test.</summary>
internal sealed class Float8Spec
{
    private readonly double[] _finite;

    /// <param name="exponentBits">4 or 5.</param>
    /// <param name="largestFinite">The code of the largest finite value.</param>
    private Float8Spec(int exponentBits, byte largestFinite)
    {
        int fractionBits = 7 - exponentBits;
        int bias = (1 << (exponentBits - 1)) - 1;
        _finite = new double[largestFinite + 1];
        for (int code = 0; code <= largestFinite; code++)
        {
            int exponent = code >> fractionBits;
            double fraction = (code & ((1 << fractionBits) - 1)) / Math.Pow(2, fractionBits);
            _finite[code] = exponent == 0 ? fraction * Math.Pow(2, 1 - bias) : (1 + fraction) * Math.Pow(2, exponent - bias);
        }

        // As if one value more followed: what lies beyond the middle between it and the largest one overflows.
        OverflowTie = (3 * Largest - _finite[^2]) / 2;
    }

    public static Float8Spec E4M3 { get; } = new(4, 0x7E);

    public static Float8Spec E5M2 { get; } = new(5, 0x7B);

    /// <summary>The values of codes 0 to the largest finite one.</summary>
    public IReadOnlyList<double> Finite => _finite;

    public double Largest => _finite[^1];

    public double OverflowTie { get; }

    /// <summary>The code of the nearest finite value, ties to even; what is too large becomes the largest.</summary>
    public byte Nearest(double value)
    {
        double magnitude = Math.Abs(value);
        int code = 0;
        while (code + 1 < _finite.Length && _finite[code + 1] <= magnitude)
        {
            code++;
        }

        if (code + 1 < _finite.Length)
        {
            double below = magnitude - _finite[code], above = _finite[code + 1] - magnitude;
            code += above < below || (above == below && code % 2 != 0) ? 1 : 0;
        }

        return (byte)(code | (double.IsNegative(value) ? 0x80 : 0));
    }
}
