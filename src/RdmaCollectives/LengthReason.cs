using System.Runtime.CompilerServices;

namespace RdmaCollectives;

/// <summary>Why a length is wanted: text that is put together only where the length is another one, so that a call with good arguments allocates nothing.</summary>
[InterpolatedStringHandler]
internal ref struct LengthReason
{
    private DefaultInterpolatedStringHandler _text;

    public LengthReason(int literalLength, int formattedCount, ulong length, ulong wanted, out bool isNeeded)
    {
        isNeeded = length != wanted;
        _text = isNeeded ? new DefaultInterpolatedStringHandler(literalLength, formattedCount, System.Globalization.CultureInfo.InvariantCulture) : default;
    }

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public string ToStringAndClear() => _text.ToStringAndClear();
}
