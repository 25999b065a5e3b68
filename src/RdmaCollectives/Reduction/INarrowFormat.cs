namespace RdmaCollectives.Reduction;

/// <summary>
/// A float of 16 or 8 bits as numbers: where its parts lie in a float, and what its codes mean. A code is the bits of a value; magnitudes are codes without the sign.
/// The vector code of <see cref="NarrowLanes{TFormat}"/> is generic over these constants. Single elements go another way, through the types' own conversions, and must come to the same bits.
/// </summary>
internal interface INarrowFormat
{
    /// <summary>Bits of a code: 16 or 8.</summary>
    static abstract int Bits { get; }

    /// <summary>The float's fraction bits less this format's.</summary>
    static abstract int FractionShift { get; }

    /// <summary>The float's exponent bits less this format's. With the sign at the top of both, a magnitude lies this much lower in a float than at the top of a 32-bit lane.</summary>
    static abstract int ExponentGap { get; }

    /// <summary>The float's exponent bias less this format's.</summary>
    static abstract int BiasDifference { get; }

    /// <summary>The magnitude of the largest finite value.</summary>
    static abstract uint LargestFinite { get; }

    /// <summary>The magnitude of infinity; of the largest finite value in a format that has none.</summary>
    static abstract uint Infinity { get; }

    /// <summary>The magnitude that a finite result becomes when it rounds to more than the largest finite value: infinity, or that value in formats that saturate.</summary>
    static abstract uint Overflow { get; }

    /// <summary>The one code that a NaN result gets: that of the type's <c>NaN</c>, sign included.</summary>
    static abstract uint NaN { get; }

    /// <summary>The value of a code, exactly.</summary>
    static abstract float Widen(uint code);

    /// <summary>The nearest code, ties to even, with overflow and NaN as above.</summary>
    static abstract uint Narrow(float value);
}
