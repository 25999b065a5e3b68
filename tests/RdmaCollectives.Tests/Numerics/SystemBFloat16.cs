namespace System.Numerics;

/// <summary>Stands in for the type of this full name that .NET 11 brings. It is only ever asked for its name and size.</summary>
internal readonly struct BFloat16
{
    private readonly ushort _bits;

    private BFloat16(ushort bits) => _bits = bits;

    public static BFloat16 FromBits(ushort bits) => new(bits);

    public ushort ToBits() => _bits;
}
